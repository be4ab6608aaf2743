import { FloeError } from '../errors/floe-error.js';
import { printableAddress } from '../http/address.js';
import type { Redactor } from '../redaction/redactor.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import { failed, type ProbeStep, type StepResult } from './probe-step.js';
import type { ValidationResult, ValidationStep } from './validation-result.js';

export interface ProbeContext {
  /** Address of the server; shown without user information and query. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Milliseconds for everything together; default and at most 10,000 (REQ-024). */
  readonly budgetMs?: number;
}

const longestBudgetMs = 10_000;

/**
 * Runs the steps of a connection check in order under one budget. After a failed step the rest is skipped; a step that
 * hangs is cut. Does not throw for what a server does, and not for a step that throws.
 * @param steps the steps in order; names are unique
 * @param call signal and limit; the smaller of the limit and the budget counts
 */
export async function probeConnection(
  steps: readonly ProbeStep[],
  context: ProbeContext,
  call: CallOptions,
): Promise<ValidationResult> {
  const { clock, redactor } = context;
  const budgetMs = Math.max(0, Math.min(context.budgetMs ?? longestBudgetMs, longestBudgetMs, call.timeoutMs));
  const began = clock.now();
  const budget = startBudget(budgetMs, clock);
  const done: ValidationStep[] = [];
  let version: string | undefined;
  let failedStep: ValidationStep | undefined;

  for (const step of steps) {
    const stepBegan = clock.now();
    const result: StepResult =
      failedStep === undefined
        ? await runStep(step, budget, call.signal)
        : { outcome: 'skipped', message: `not tried, because ${failedStep.name} failed` };
    const entry = toEntry(step.name, result, clock.now() - stepBegan, redactor);
    done.push(entry);
    if (entry.outcome === 'failed') failedStep = entry;
    if ('version' in result) version = result.version;
  }
  budget.release();

  const endpoint = redactor.redactText(printableAddress(context.endpoint));
  const durationMs = clock.now() - began;
  const warnings = done.filter((step) => step.outcome === 'warned').map((step) => sentence(step));
  return {
    success: failedStep === undefined,
    message: summary(endpoint, failedStep, warnings, version),
    details: { endpoint, durationMs, ...(version !== undefined && { version }), steps: done, warnings },
  };
}

interface Budget {
  readonly milliseconds: number;
  /** Settles when the budget is used up, or released. */
  readonly over: Promise<void>;
  isOver(): boolean;
  release(): void;
}

/** One timer over all steps: sums of clock readings would go wrong when somebody sets the clock. */
function startBudget(milliseconds: number, clock: Clock): Budget {
  const stop = new AbortController();
  let isOver = milliseconds === 0;
  // One hundredth is left for putting the answer together, so that the caller has it within the budget.
  const over = clock.sleep(milliseconds * 0.99, stop.signal).then(
    () => {
      isOver = true;
    },
    () => undefined,
  );
  return {
    milliseconds,
    over,
    isOver: () => isOver,
    release: () => {
      stop.abort();
    },
  };
}

/** Ends when the step, the budget or the caller does, whichever is first; a step that goes on is no longer listened to. */
async function runStep(step: ProbeStep, budget: Budget, signal: AbortSignal): Promise<StepResult> {
  if (signal.aborted) return cancelled(step.name);
  if (budget.isOver()) return timedOut(step.name, budget.milliseconds);
  const stop = new AbortController();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<StepResult>((resolve) => {
    onAbort = () => {
      resolve(cancelled(step.name));
    };
  });
  signal.addEventListener('abort', onAbort, { once: true });
  const cut = budget.over.then(() => timedOut(step.name, budget.milliseconds));
  // Longer than what is left: the signal ends the step, and the message then names the step and the budget.
  const call = { signal: stop.signal, timeoutMs: 2 * budget.milliseconds };
  try {
    return await Promise.race([attempt(step, call), cut, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop.abort();
  }
}

async function attempt(step: ProbeStep, call: CallOptions): Promise<StepResult> {
  try {
    return await step.run(call);
  } catch (error) {
    if (FloeError.isInstance(error)) return failed(error);
    return failed({
      code: 'INTERNAL',
      message: `the check ${step.name} itself failed`,
      resolution: 'Report this as a bug of the plugin, with its version and the version of the orchestrator.',
    });
  }
}

function timedOut(name: string, budgetMs: number): StepResult {
  return failed({
    code: 'CONNECTION_TIMEOUT',
    message: `${name} did not finish within the ${budgetMs / 1000} s that the whole check may take`,
    resolution: 'Look whether the server is overloaded or hangs, and whether a firewall drops the connection.',
  });
}

function cancelled(name: string): StepResult {
  return failed({ code: 'CANCELLED', message: `${name} was cancelled`, resolution: 'Run the command again.' });
}

function toEntry(name: string, result: StepResult, durationMs: number, redactor: Redactor): ValidationStep {
  const entry = { name, outcome: result.outcome, message: redactor.redactText(result.message), durationMs };
  if (result.outcome === 'passed' || result.outcome === 'skipped') return entry;
  return { ...entry, code: result.code, resolution: redactor.redactText(result.resolution) };
}

function summary(
  endpoint: string,
  failedStep: ValidationStep | undefined,
  warnings: readonly string[],
  version: string | undefined,
): string {
  if (failedStep !== undefined) return sentence(failedStep);
  const reached = `Connected to ${endpoint}${version === undefined ? '' : ` (version ${version})`}`;
  return warnings.length === 0 ? `${reached}.` : `${reached}, with warnings. ${warnings.join(' ')}`;
}

function sentence(step: ValidationStep): string {
  const message = step.message.endsWith('.') ? step.message : `${step.message}.`;
  return step.resolution === undefined ? message : `${message} ${step.resolution}`;
}
