import { PluginExecutionError } from '../errors/floe-error.js';
import type { BackendFault } from '../execution/run-backend.js';
import type { Outcome } from '../outcome/outcome.js';
import type { DeployChange, DeployOptions } from '../plugin-interfaces.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';

/** How far a deployment has come: the time that is left, what is done, and what an error has to say about it. */
export class DeploymentProgress {
  readonly #options: Pick<DeployOptions, 'signal'>;
  readonly #clock: Clock;
  readonly #end: number;
  readonly #requestMs: number;
  readonly #context: Readonly<Record<string, unknown>>;
  readonly #applied: DeployChange[] = [];

  /**
   * @param requestSeconds what one request may take
   * @param context what every error names, for example the product
   */
  constructor(
    options: DeployOptions,
    clock: Clock,
    requestSeconds: number,
    context: Readonly<Record<string, unknown>>,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#end = clock.now() + options.timeoutMs;
    this.#requestMs = requestSeconds * 1_000;
    this.#context = context;
  }

  /** Changes that are made. */
  get applied(): readonly DeployChange[] {
    return this.#applied;
  }

  /** A call that may take all of the time that is left. */
  rest(): CallOptions {
    return this.call(Number.POSITIVE_INFINITY);
  }

  /** A call within what is left of the deployment's time. @param limitMs at most so many milliseconds; default one request */
  call(limitMs = this.#requestMs): CallOptions {
    const left = this.#end - this.#clock.now();
    return { signal: this.#options.signal, timeoutMs: Math.max(1, Math.min(left, limitMs)) };
  }

  /** The value of an answer. @throws PluginExecutionError */
  require<Value>(answer: Outcome<Value, BackendFault>): Value {
    if (answer.ok) return answer.value;
    throw this.failed(answer.failure, []);
  }

  /** Notes changes that are made. */
  note(...changes: readonly DeployChange[]): void {
    this.#applied.push(...changes);
  }

  /** Notes a change that an answer confirms. @throws PluginExecutionError when it does not */
  done(answer: Outcome<unknown, BackendFault>, change: DeployChange, planned: readonly DeployChange[]): void {
    if (!answer.ok) throw this.failed(answer.failure, planned);
    this.note(change);
  }

  /** The error of a deployment that stops here, with what is made and what is not. */
  failed({ code, message, resolution }: BackendFault, planned: readonly DeployChange[]): PluginExecutionError {
    const made = new Set(this.#applied.map(nameOf));
    const pending = planned.filter((change) => !made.has(nameOf(change)));
    return new PluginExecutionError({
      code,
      message,
      resolution,
      context: { ...this.#context, ...(this.#applied.length > 0 && { applied: this.#applied, pending }) },
    });
  }
}

function nameOf({ action, object }: DeployChange): string {
  return `${action} ${object}`;
}
