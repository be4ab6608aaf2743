import type { Random } from '../time/random.js';

/** Chance that repeats: the same seed gives the same numbers and the same UUIDs on every machine. */
export function createSeededRandom(seed: number): Random {
  let state = seed | 0;
  // mulberry32: small, fast, and even enough for delays and choices in tests
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const uuid = (): string => {
    const digits = Array.from({ length: 32 }, () => Math.floor(fraction() * 16));
    digits[12] = 4;
    digits[16] = 8 + ((digits[16] ?? 0) % 4);
    const text = digits.map((digit) => digit.toString(16)).join('');
    return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
  };
  return { fraction, uuid };
}
