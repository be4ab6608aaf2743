import { isNativeError } from 'node:util/types';
import { FloeError } from '../errors/floe-error.js';
import type { Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import type { ElapsedTime } from './elapsed-time.js';
import type { BackendFault } from './run-backend.js';

/** How a call of the backend ended for the driver. */
export type CallResult<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'fault'; readonly fault: BackendFault }
  | { readonly kind: 'aborted' };

export interface CallLimits {
  readonly timeoutMs: number;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
  /** Milliseconds that the call may still take after the signal; default 0. */
  readonly abortGraceMs?: number;
}

/** How long a call that ignores its deadline is waited for. */
const overdueMs = 2_000;
/** Ends the watch over a call that has its answer; one object for all, since making errors is dear. */
const callSettled = new Error('The call has settled.');

/**
 * Calls a backend such that the driver is safe from it: a call that throws is a fault, one that outlives its deadline
 * is left behind, and an abort ends it at once.
 */
export class BackendCalls {
  readonly #clock: Clock;
  readonly #time: ElapsedTime;

  constructor(clock: Clock, time: ElapsedTime) {
    this.#clock = clock;
    this.#time = time;
  }

  /** A call whose answer is a value or a fault. */
  async ask<Value>(
    limits: CallLimits,
    call: (options: CallOptions) => Promise<Outcome<Value, BackendFault>>,
  ): Promise<CallResult<Value>> {
    const result = await this.tell(limits, call);
    if (result.kind !== 'value') return result;
    return result.value.ok
      ? { kind: 'value', value: result.value.value }
      : { kind: 'fault', fault: result.value.failure };
  }

  /** A call whose every answer is a value. */
  async tell<Value>(limits: CallLimits, call: (options: CallOptions) => Promise<Value>): Promise<CallResult<Value>> {
    const { timeoutMs, signal, abortGraceMs = 0 } = limits;
    if (signal?.aborted === true && abortGraceMs === 0) return { kind: 'aborted' };
    return await this.#time.during(timeoutMs + overdueMs, () => this.#guard(timeoutMs, signal, abortGraceMs, call));
  }

  async #guard<Value>(
    timeoutMs: number,
    signal: AbortSignal | undefined,
    abortGraceMs: number,
    call: (options: CallOptions) => Promise<Value>,
  ): Promise<CallResult<Value>> {
    const controller = new AbortController();
    const settled = new AbortController();
    const overdue = this.#pause(timeoutMs + overdueMs, settled.signal).then((): CallResult<Value> => {
      if (!settled.signal.aborted) controller.abort(new DOMException('The call took too long.', 'TimeoutError'));
      return { kind: 'fault', fault: overdueFault(timeoutMs) };
    });
    const racers = [settle(() => call({ signal: controller.signal, timeoutMs })), overdue];
    if (signal !== undefined) racers.push(this.#aborted<Value>(signal, abortGraceMs, controller, settled.signal));
    try {
      return await Promise.race(racers);
    } finally {
      settled.abort(callSettled);
    }
  }

  /** Resolves when the caller's signal has aborted and the grace is over. */
  #aborted<Value>(
    signal: AbortSignal,
    graceMs: number,
    controller: AbortController,
    settled: AbortSignal,
  ): Promise<CallResult<Value>> {
    return new Promise((resolve) => {
      const onAbort = (): void => {
        void this.#pause(graceMs, settled).then(() => {
          if (!settled.aborted) controller.abort(signal.reason);
          resolve({ kind: 'aborted' });
        });
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true, signal: settled });
    });
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds === 0) return;
    try {
      await this.#clock.sleep(milliseconds, signal);
    } catch {
      // the call has settled; nobody waits for this pause any more
    }
  }
}

async function settle<Value>(call: () => Promise<Value>): Promise<CallResult<Value>> {
  try {
    return { kind: 'value', value: await call() };
  } catch (error) {
    return { kind: 'fault', fault: faultOfThrown(error) };
  }
}

function overdueFault(timeoutMs: number): BackendFault {
  return {
    code: 'CONNECTION_TIMEOUT',
    message: `The orchestrator gave no answer within ${timeoutMs / 1_000} s.`,
    resolution: 'Check that the orchestrator is up and not overloaded.',
    retryable: true,
  };
}

/** A backend should not throw; when it does, its error is treated like any other fault. */
function faultOfThrown(error: unknown): BackendFault {
  if (FloeError.isInstance(error)) {
    return {
      code: error.code,
      message: error.message,
      resolution: error.resolution,
      retryable: error.category === 'platform',
    };
  }
  return {
    code: 'INTERNAL',
    message: `The plugin failed in an unforeseen way: ${isNativeError(error) ? error.message : String(error)}`,
    resolution: 'Report this to the author of the plugin.',
    retryable: true,
  };
}
