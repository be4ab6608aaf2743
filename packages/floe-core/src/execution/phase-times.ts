import type { RunSnapshot } from './run-backend.js';
import type { RunLimits } from './run-limits.js';
import type { StopReason } from './stop-reason.js';

/** Where a run that has not ended stands. */
interface LivePhase extends Pick<RunSnapshot, 'waitingForOwnSlot'> {
  readonly phase: Exclude<RunSnapshot['phase'], 'ended'>;
}

type Span = 'queued' | 'ownSlot' | 'starting' | 'cancelling';
type Deadline = Extract<StopReason, { kind: 'deadline' | 'elsewhere' }>;

/**
 * How long a run has been in each phase, and which deadline has passed. Times add up over repeated visits, so that a
 * run that goes to and fro ends too; once it has been seen running, only its own `timeout` counts.
 */
export class PhaseTimes {
  readonly #limits: RunLimits;
  readonly #spent: Record<Span, number> = { queued: 0, ownSlot: 0, starting: 0, cancelling: 0 };
  #span: Span | 'running' = 'queued';
  #since: number;
  #runningSince: number | undefined;

  /** @param now milliseconds of ElapsedTime when the run was submitted */
  constructor(limits: RunLimits, now: number) {
    this.#limits = limits;
    this.#since = now;
  }

  /** True once the run was seen at work. */
  get hasRun(): boolean {
    return this.#runningSince !== undefined;
  }

  /** Milliseconds that it has been waiting to run, its own slot apart. */
  idle(): number {
    return this.#spent.queued + this.#spent.starting;
  }

  /** Takes over what a good read said. */
  note(snapshot: LivePhase, now: number): void {
    if (this.#span !== 'running') this.#spent[this.#span] += now - this.#since;
    this.#since = now;
    this.#span = spanOf(snapshot);
    if (this.#span === 'running') this.#runningSince ??= now;
  }

  /** The deadline that has passed at the last good read, if any. */
  passed(): Deadline | undefined {
    return this.#deadlines().find(({ left }) => left <= 0)?.reason;
  }

  /** Milliseconds from the last good read to the next deadline of the phase. */
  left(): number {
    return Math.max(0, Math.min(...this.#deadlines().map(({ left }) => left)));
  }

  #deadlines(): { left: number; reason: Deadline }[] {
    const { timeout, driverMargin, queueTimeout, startTimeout, cancelGrace } = this.#limits;
    const whole = timeout + driverMargin;
    const deadlines: { left: number; reason: Deadline }[] = [];
    if (this.#span === 'cancelling') {
      deadlines.push({ left: cancelGrace * 1_000 - this.#spent.cancelling, reason: { kind: 'elsewhere' } });
    }
    if (this.#runningSince !== undefined) {
      const left = whole * 1_000 - (this.#since - this.#runningSince);
      deadlines.push({ left, reason: deadline('RUN_TIMED_OUT', 'running', timeout) });
    } else if (this.#span === 'ownSlot') {
      const left = whole * 1_000 - this.#spent.ownSlot;
      deadlines.push({ left, reason: deadline('RUN_TIMED_OUT', 'queued', timeout) });
    } else if (this.#span === 'queued') {
      const left = queueTimeout * 1_000 - this.#spent.queued;
      deadlines.push({ left, reason: deadline('QUEUE_TIMEOUT', 'queued', queueTimeout) });
    } else if (this.#span === 'starting') {
      const left = startTimeout * 1_000 - this.#spent.starting;
      deadlines.push({ left, reason: deadline('START_TIMEOUT', 'starting', startTimeout) });
    }
    return deadlines;
  }
}

function spanOf({ phase, waitingForOwnSlot }: LivePhase): Span | 'running' {
  return waitingForOwnSlot === true && (phase === 'queued' || phase === 'starting') ? 'ownSlot' : phase;
}

function deadline(
  code: Extract<StopReason, { kind: 'deadline' }>['code'],
  phase: Extract<StopReason, { kind: 'deadline' }>['phase'],
  seconds: number,
): Extract<StopReason, { kind: 'deadline' }> {
  return { kind: 'deadline', code, phase, seconds };
}
