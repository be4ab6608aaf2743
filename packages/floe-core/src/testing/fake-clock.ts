import type { Clock } from '../time/clock.js';

interface Sleeper {
  readonly wakeAt: number;
  /** Order among sleepers of the same moment. */
  readonly sequence: number;
  wake(): void;
}

export interface FakeClockOptions {
  /** Milliseconds since the epoch at the start; default 2026-01-01T00:00:00Z. */
  readonly start?: number;
  /**
   * `auto` (default) jumps to the next sleeper as soon as every task waits, so that hours pass in microseconds; only for
   * code without real I/O. `manual` moves by `advance` alone.
   */
  readonly mode?: 'auto' | 'manual';
}

/**
 * Virtual time for tests. Sleepers wake in the order of their moments, those of one moment in the order in which they
 * went to sleep; between two of them every promise that can settle has settled.
 */
export class FakeClock implements Clock {
  readonly #mode: 'auto' | 'manual';
  readonly #start: number;
  readonly #sleepers: Sleeper[] = [];
  #elapsed = 0;
  #jumped = 0;
  #sequence = 0;
  #pumping = false;

  constructor(options: FakeClockOptions = {}) {
    this.#mode = options.mode ?? 'auto';
    this.#start = options.start ?? Date.UTC(2026, 0, 1);
  }

  /** What a wall clock shows, jumps included. */
  now(): number {
    return this.#start + this.#elapsed + this.#jumped;
  }

  /** Milliseconds that really passed since the start; never jumps. */
  elapsed(): number {
    return this.#elapsed;
  }

  /** Number of tasks that wait for time to pass. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Sets the wall clock forward or back without letting time pass, as an operator or NTP does. */
  jump(milliseconds: number): void {
    this.#jumped += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        const index = this.#sleepers.indexOf(sleeper);
        if (index >= 0) this.#sleepers.splice(index, 1);
        if (signal !== undefined) reject(abortReason(signal));
      };
      const sleeper: Sleeper = {
        wakeAt: this.#elapsed + Math.max(0, milliseconds),
        sequence: this.#sequence++,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#insert(sleeper);
      if (this.#mode === 'auto') this.#pump();
    });
  }

  /** Lets time pass, wakes who is due on the way, and waits until all of them wait again. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await settlePromises();
    for (let next = this.#sleepers[0]; next !== undefined && next.wakeAt <= end; next = this.#sleepers[0]) {
      this.#wakeFirst();
      await settlePromises();
    }
    this.#elapsed = Math.max(this.#elapsed, end);
  }

  #insert(sleeper: Sleeper): void {
    let index = this.#sleepers.length;
    while (index > 0) {
      const before = this.#sleepers[index - 1];
      if (before === undefined || before.wakeAt <= sleeper.wakeAt) break;
      index -= 1;
    }
    this.#sleepers.splice(index, 0, sleeper);
  }

  #wakeFirst(): void {
    const sleeper = this.#sleepers.shift();
    if (sleeper === undefined) return;
    this.#elapsed = Math.max(this.#elapsed, sleeper.wakeAt);
    sleeper.wake();
  }

  /** One turn of the event loop lets every settled promise run on; only then does time move. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#wakeFirst();
      if (this.#sleepers.length > 0) this.#pump();
    });
  }
}

function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason as Error;
}
