import { describe, expect, it } from '@jest/globals';
import { inTurn } from './rounds.js';

describe('inTurn', () => {
  it('lets everybody come first once', () => {
    const items = ['a', 'b', 'c'];
    expect([0, 1, 2, 3].map((round) => inTurn(items, round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
    expect(inTurn([], 4)).toEqual([]);
  });
});
