import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isGlob, matchesGlob } from './glob.js';

describe('matchesGlob', () => {
  it.each([
    ['stg_orders', 'stg_*', true],
    ['stg_orders', 'stg_?rders', true],
    ['stg_orders', '[rs]*', true],
    ['stg_orders', '[!rs]*', false],
    ['b', '[a-c]', true],
    ['d', '[a-c]', false],
    ['-', '[a-]', true],
    [']', '[]]', true],
    ['[', '[', true],
    ['a[b', 'a[b', true],
    ['a.b/c', 'a*c', true],
    ['', '*', true],
    ['', '?', false],
    ['A', 'a', false],
    ['a+b', 'a+b', true],
    ['😀', '?', true],
    ['ab', 'a', false],
  ])('%j and %j: %j', (text, pattern, expected) => {
    expect(matchesGlob(text, pattern)).toBe(expected);
  });

  it('finds a text by itself, and by itself with any part replaced by a star', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', '.', '_', '/') });
    fc.assert(
      fc.property(plain, plain, plain, (before, middle, after) => {
        const text = before + middle + after;
        return !isGlob(text) && matchesGlob(text, text) && matchesGlob(text, `${before}*${after}`);
      }),
    );
  });

  it('agrees with a regular expression', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b') }),
        fc.string({ unit: fc.constantFrom('a', 'b', '?', '*') }),
        (text, pattern) => {
          const expression = new RegExp(`^${pattern.replaceAll('?', '.').replaceAll(/\*+/gu, '.*')}$`, 'u');
          return matchesGlob(text, pattern) === expression.test(text);
        },
      ),
    );
  });

  it('is quick where backtracking would take ages', () => {
    expect(matchesGlob('a'.repeat(5000), `${'*a'.repeat(50)}b`)).toBe(false);
  });
});
