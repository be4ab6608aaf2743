import { describe, expect, it } from '@jest/globals';
import { createSeededRandom } from '../testing/seeded-random.js';
import { PollDelay } from './poll-delay.js';

const middle = { fraction: () => 0.5, uuid: () => '' };

describe('PollDelay', () => {
  it('grows from half a second to five', () => {
    const delay = new PollDelay(middle);
    const delays = Array.from({ length: 8 }, () => delay.next());
    expect(delays[0]).toBe(500);
    expect(delays[1]).toBe(750);
    expect(delays.at(-1)).toBe(5_000);
  });

  it('is short again after news, though not shorter than asked', () => {
    const delay = new PollDelay(middle);
    for (let round = 0; round < 10; round += 1) delay.next();
    delay.quicken(1_000);
    expect(delay.next()).toBe(1_000);
    delay.quicken();
    expect(delay.next()).toBe(500);
    delay.quicken(2_000);
    expect(delay.next()).toBe(750);
  });

  it('never undercuts what the server asks', () => {
    const delay = new PollDelay(middle);
    expect(delay.next(30)).toBe(30_000);
    expect(delay.next(0.1)).toBe(750);
    expect(delay.next(Number.NaN)).toBe(1_125);
  });

  it('varies within its bounds', () => {
    const delay = new PollDelay(createSeededRandom(3));
    const delays = Array.from({ length: 500 }, () => delay.next());
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
    expect(new Set(delays).size).toBeGreaterThan(100);
  });
});
