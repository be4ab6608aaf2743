import { describe, expect, it } from '@jest/globals';
import { createSeededRandom } from './seeded-random.js';

describe('createSeededRandom', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const draw = (seed: number): unknown[] => {
      const random = createSeededRandom(seed);
      return [random.fraction(), random.uuid(), random.fraction()];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('gives even numbers in [0, 1) and UUIDs of version 4', () => {
    const random = createSeededRandom(42);
    const numbers = Array.from({ length: 10_000 }, () => random.fraction());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 1);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
