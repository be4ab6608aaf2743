import type { Random } from '../time/random.js';

/** Delays between two looks, in milliseconds. */
export interface PollDelaySettings {
  readonly initial: number;
  readonly max: number;
  readonly factor: number;
  /** Fraction by which a delay varies in both directions. */
  readonly jitter: number;
}

export const defaultPollDelay: PollDelaySettings = { initial: 500, max: 5_000, factor: 1.5, jitter: 0.2 };

/** Growing delays with jitter: quick while something happens, patient while nothing does. */
export class PollDelay {
  readonly #settings: PollDelaySettings;
  readonly #random: Random;
  #base: number;

  constructor(random: Random, settings: PollDelaySettings = defaultPollDelay) {
    this.#random = random;
    this.#settings = settings;
    this.#base = settings.initial;
  }

  /** Something changed: the next delay is short again, but not shorter than `atLeast` milliseconds. */
  quicken(atLeast = 0): void {
    this.#base = Math.min(this.#base, Math.max(this.#settings.initial, atLeast));
  }

  /** The next delay; `retryAfter` (seconds) is what the server asked for and is never undercut. */
  next(retryAfter?: number): number {
    const { initial, max, factor, jitter } = this.#settings;
    const varied = this.#base * (1 + jitter * (2 * this.#random.fraction() - 1));
    this.#base = Math.min(max, this.#base * factor);
    const delay = Math.min(max, Math.max(initial, varied));
    if (retryAfter === undefined || !Number.isFinite(retryAfter)) return delay;
    return Math.max(delay, retryAfter * 1_000);
  }
}
