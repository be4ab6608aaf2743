import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median, pairedRatio, summarize } from './statistics.js';

const numbers = fc.array(fc.double({ min: 0.001, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('median', () => {
  it.each([
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('has as many numbers above as below', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const middle = median(values);
        const above = values.filter((value) => value > middle).length;
        const below = values.filter((value) => value < middle).length;
        expect(Math.max(above, below)).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it('does not change what it is given', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('summarize', () => {
  it('gives the spread', () => {
    expect(summarize([2, 5, 3])).toEqual({ median: 3, lowest: 2, highest: 5, count: 3 });
  });
});

describe('pairedRatio', () => {
  it('compares within a round', () => {
    expect(pairedRatio([2, 40, 6], [1, 20, 2])).toBe(2);
  });

  it('leaves out rounds without a partner', () => {
    expect(pairedRatio([2, undefined, 9], [1, 1, 3])).toBe(2.5);
    expect(pairedRatio([undefined], [1])).toBeUndefined();
  });

  it('of a measurement with itself is 1', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        expect(pairedRatio(values, values)).toBe(1);
      }),
    );
  });
});
