import type { PluginExecutionError } from '../errors/floe-error.js';
import type { CallResult } from './backend-calls.js';
import type { Driver } from './driver.js';
import { PollDelay } from './poll-delay.js';
import type { BackendFault, RunReference, RunSnapshot, SubmitOutcome } from './run-backend.js';
import { runError } from './run-error.js';

/** The run that the driver goes on with. */
export interface Submission {
  readonly run: RunReference;
  /** True when somebody else, or an earlier try, had started it. */
  readonly adopted: boolean;
  /** A run that this call made although an older one had the key; it ends as a duplicate, unless that one is cancelled. */
  readonly twin?: RunReference;
}

/** How long an answer that was lost may still turn into a run before the request is sent again. */
const settleMs = 10_000;
/** How long a call of submit may go on after the caller wants to cancel. */
const abortGraceMs = 5_000;

const submitDelay = { initial: 1_000, max: 15_000, factor: 2, jitter: 0.2 };

/**
 * Gets the one run of the request's key: attaches to it, adopts it, or submits it.
 * @throws PluginExecutionError when it cannot be started, or was cancelled before it existed
 */
export async function submitRun(driver: Driver): Promise<Submission> {
  return await new Submitter(driver).run();
}

class Submitter {
  readonly #driver: Driver;
  readonly #delay: PollDelay;
  readonly #deadline: number;
  /** True once a submission got no clear answer: a run may exist. */
  #uncertain = false;
  #lastFault: BackendFault | undefined;

  constructor(driver: Driver) {
    this.#driver = driver;
    this.#delay = new PollDelay(driver.context.random, submitDelay);
    this.#deadline = driver.time.now() + driver.limits.submitTimeout * 1_000;
  }

  async run(): Promise<Submission> {
    const { attachTo, freshKey = false } = this.#driver.input;
    if (attachTo !== undefined && attachTo !== 'key') return { run: attachTo, adopted: true };
    if (attachTo === 'key' || !freshKey) {
      const older = await this.#find();
      if (older !== undefined) return { run: older, adopted: true };
    }
    if (attachTo === 'key') throw this.#notFound();
    await this.#requireEndedParent();
    return await this.#submit(freshKey);
  }

  async #submit(freshKey: boolean): Promise<Submission> {
    for (;;) {
      if (this.#driver.signal.aborted) return await this.#abandon();
      const outcome = await this.#send();
      switch (outcome.kind) {
        case 'submitted': {
          const oldest = freshKey && !this.#uncertain ? undefined : await this.#findOnce();
          if (oldest === undefined || oldest.runId === outcome.run.runId) return { run: outcome.run, adopted: false };
          return { run: oldest, adopted: true, twin: outcome.run };
        }
        case 'unknown': {
          this.#uncertain = true;
          const found = await this.#settle();
          if (found !== undefined) return { run: found, adopted: true };
          break;
        }
        case 'rejected': {
          if (this.#uncertain) {
            const found = await this.#find();
            if (found !== undefined) return { run: found, adopted: true };
          }
          if (!outcome.fault.retryable) throw this.#notStarted(outcome.fault, outcome.fault.code);
          break;
        }
      }
      await this.#pause(outcome.fault);
    }
  }

  async #send(): Promise<SubmitOutcome> {
    const { backend, calls, input, limits, signal } = this.#driver;
    const { request, expectedHash, retryOf } = input;
    const timeoutMs = limits.callTimeout * 1_000;
    const result = await calls.tell({ timeoutMs, signal, abortGraceMs }, (options) =>
      backend.submit({ request, expectedHash, ...(retryOf !== undefined && { retryOf }) }, options),
    );
    if (result.kind === 'value') {
      if (result.value.kind !== 'submitted') this.#lastFault = result.value.fault;
      return result.value;
    }
    return { kind: 'unknown', fault: result.kind === 'fault' ? this.#remember(result.fault) : cancelledFault };
  }

  /** Looks for the key until the backend answers. */
  async #find(): Promise<RunReference | undefined> {
    const result = await this.#insist(() => this.#ask());
    return result === 'aborted' ? (await this.#abandon()).run : result;
  }

  /** A part of a run that is still going on must not be repeated: two processes would write the same tables. */
  async #requireEndedParent(): Promise<void> {
    const { backend, calls, input, limits, signal } = this.#driver;
    const { retryOf } = input;
    if (retryOf === undefined) return;
    const limit = { timeoutMs: limits.callTimeout * 1_000, signal };
    let cursor: string | null = null;
    for (;;) {
      const parent: RunSnapshot | 'aborted' = await this.#insist(() =>
        calls.ask(limit, (options) => backend.read(retryOf, cursor, options)),
      );
      if (parent === 'aborted' || parent.phase === 'ended') return;
      if (!parent.hasMore) throw this.#notEnded(retryOf, parent.phase);
      ({ cursor } = parent);
    }
  }

  #notEnded(run: RunReference, phase: string): PluginExecutionError {
    return runError(this.#driver, {
      code: 'RUN_NOT_RETRYABLE',
      message: `Run ${run.runId} has not ended yet (${phase}); its failed part cannot be repeated.`,
      resolution: 'Wait for its end or cancel it, then retry.',
      run,
    });
  }

  /** Repeats a question until there is an answer. @throws PluginExecutionError when there will be none in time */
  async #insist<Value>(ask: () => Promise<CallResult<Value>>): Promise<Value | 'aborted'> {
    for (;;) {
      const result = await ask();
      if (result.kind === 'value') return result.value;
      if (result.kind === 'aborted') return 'aborted';
      if (!this.#remember(result.fault).retryable) throw this.#notStarted(result.fault, result.fault.code);
      await this.#pause(result.fault);
    }
  }

  /** A single look; without an answer it is as if nothing were found. */
  async #findOnce(): Promise<RunReference | undefined> {
    const result = await this.#ask();
    return result.kind === 'value' ? result.value : undefined;
  }

  /** After a lost answer: looks until the run shows or must have shown. */
  async #settle(): Promise<RunReference | undefined> {
    const { time, signal } = this.#driver;
    // what was slept counts, not the clock: one that is set forward must not cut this short
    for (let slept = 0; ;) {
      const found = await this.#find();
      if (found !== undefined || slept >= settleMs) return found;
      const pause = Math.min(this.#delay.next(), settleMs - slept);
      await time.sleep(pause, signal);
      slept += pause;
    }
  }

  #ask(): Promise<CallResult<RunReference | undefined>> {
    const { backend, calls, input, limits, signal } = this.#driver;
    return calls.ask({ timeoutMs: limits.callTimeout * 1_000, signal }, (options) =>
      backend.find(input.request.key, options),
    );
  }

  /** Waits before the next try. @throws PluginExecutionError when the time to submit is over */
  async #pause(fault: BackendFault): Promise<void> {
    const { time, signal } = this.#driver;
    const left = this.#deadline - time.now();
    if (left <= 0) throw this.#notStarted(fault, 'RUN_NOT_STARTED');
    await time.sleep(Math.min(this.#delay.next(fault.retryAfter), left), signal);
  }

  /** The caller cancels: a run that may exist is looked for so that it can be cancelled too. */
  async #abandon(): Promise<Submission> {
    const { backend, calls, input, limits, time } = this.#driver;
    const end = time.now() + limits.cancelGrace * 1_000;
    while (this.#uncertain && time.now() < end) {
      const timeoutMs = Math.min(limits.callTimeout * 1_000, end - time.now());
      const result = await calls.ask({ timeoutMs }, (options) => backend.find(input.request.key, options));
      if (result.kind === 'value' && result.value !== undefined) return { run: result.value, adopted: true };
      await time.sleep(Math.min(this.#delay.next(), Math.max(0, end - time.now())));
    }
    throw runError(this.#driver, {
      code: 'CANCELLED',
      message: 'Cancelled before the run was started.',
      resolution: this.#uncertain
        ? `The last submission got no answer; look for a run with the key ${input.request.key} and cancel it.`
        : 'Nothing was started; run again when you want it.',
    });
  }

  #remember(fault: BackendFault): BackendFault {
    this.#lastFault = fault;
    return fault;
  }

  #notFound(): Error {
    const { input } = this.#driver;
    return runError(this.#driver, {
      code: 'RUN_NOT_FOUND',
      message: `The orchestrator has no run with the key ${input.request.key}.`,
      resolution: 'Check the key and the manifest, or list the newest runs with `floe status`.',
    });
  }

  #notStarted(fault: BackendFault, code: BackendFault['code']): Error {
    const doubt = this.#uncertain ? ' The answer to a submission was lost; a run with this key may exist.' : '';
    return runError(this.#driver, {
      code,
      message: `The run could not be started: ${fault.message}${doubt}`,
      resolution: fault.resolution,
      context: { fault: this.#lastFault?.code ?? fault.code },
    });
  }
}

const cancelledFault: BackendFault = {
  code: 'CANCELLED',
  message: 'The submission was interrupted.',
  resolution: 'Run again when you want it.',
  retryable: true,
};
