import type { Clock } from '../time/clock.js';

/** How much longer than asked a wait may take before the rest is taken for a jump of the clock. */
const slackMs = 5_000;

/**
 * Time as the driver has lived it, in milliseconds from 0. A wall clock that is set back or forward, or a laptop that
 * slept, must neither end a run that is well nor keep one alive: each wait counts as at least what was slept and at
 * most what it may have taken.
 */
export class ElapsedTime {
  readonly #clock: Clock;
  #lived = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since this object was made; never goes back. */
  now(): number {
    return this.#lived;
  }

  /** Sleeps; resolves early, without throwing, when the signal aborts. */
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const before = this.#clock.now();
    let slept = 0;
    try {
      await this.#clock.sleep(milliseconds, signal);
      slept = milliseconds;
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
    this.#count(before, slept, milliseconds + slackMs);
  }

  /** Waits for a task that may take up to `atMostMs`. */
  async during<Value>(atMostMs: number, task: () => Promise<Value>): Promise<Value> {
    const before = this.#clock.now();
    try {
      return await task();
    } finally {
      this.#count(before, 0, atMostMs + slackMs);
    }
  }

  #count(before: number, atLeast: number, atMost: number): void {
    this.#lived += Math.min(Math.max(this.#clock.now() - before, atLeast), atMost);
  }
}
