import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { closestWord, didYouMean, editDistance } from './did-you-mean.js';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['orders', 'orders', 0],
    ['orders', 'order', 1],
    ['odrers', 'orders', 1],
    ['kitten', 'sitting', 3],
  ])('of %j and %j is %d', (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
  });

  it('is symmetric, zero only for equal words, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        const distance = editDistance(left, right);
        expect(editDistance(right, left)).toBe(distance);
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
      }),
    );
  });
});

describe('closestWord', () => {
  it('finds a mistyped word', () => {
    expect(closestWord('dependson', ['name', 'tags', 'dependsOn'])).toBe('dependsOn');
    expect(closestWord('shcedule', ['schedule', 'schedules'])).toBe('schedule');
  });

  it('finds nothing when nothing is close', () => {
    expect(closestWord('zebra', ['schedule', 'name'])).toBeUndefined();
    expect(didYouMean('zebra', ['schedule'], 'Remove it.')).toBe('Remove it.');
  });

  it('does not depend on the order of the candidates', () => {
    expect(closestWord('cat', ['bat', 'car'])).toBe('bat');
    expect(closestWord('cat', ['car', 'bat'])).toBe('bat');
  });
});
