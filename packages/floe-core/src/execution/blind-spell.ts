import type { BackendFault } from './run-backend.js';

/** The same answer this many times in a row is believed, when it says that nothing more will come. */
const believedAfter = 3;
/** A run that was just submitted may not be visible everywhere yet. */
const visibleAfterMs = 30_000;

/** What faults of a read mean so far. */
export type BlindVerdict = 'wait' | 'vanished' | 'unobservable';

/** A time without any good look at a run, and when it has gone on for too long. */
export class BlindSpell {
  readonly #toleratedMs: number;
  #since: number;
  #seen = false;
  #faults = 0;
  #refusals = 0;

  /** @param toleratedMs how long transient faults are tolerated */
  constructor(toleratedMs: number, now: number) {
    this.#toleratedMs = toleratedMs;
    this.#since = now;
  }

  /** A good look: the spell is over. */
  end(now: number): void {
    this.#since = now;
    this.#seen = true;
    this.#faults = 0;
    this.#refusals = 0;
  }

  /** Milliseconds since the last good look. */
  length(now: number): number {
    return now - this.#since;
  }

  /** Milliseconds that are left to tolerate. */
  left(now: number): number {
    return Math.max(0, this.#toleratedMs - this.length(now));
  }

  /** Takes a fault. Never a single one decides: a clock may have jumped, a server may have been in the middle of a restart. */
  take({ code, retryable }: BackendFault, now: number): BlindVerdict {
    const unknownRun = code === 'RUN_NOT_FOUND';
    this.#faults += 1;
    this.#refusals = retryable && !unknownRun ? 0 : this.#refusals + 1;
    if (this.#refusals >= believedAfter) {
      if (!unknownRun) return 'unobservable';
      if (this.#seen || this.length(now) >= visibleAfterMs) return 'vanished';
    }
    return this.#faults >= believedAfter && this.length(now) >= this.#toleratedMs ? 'unobservable' : 'wait';
  }
}
