import { describe, expect, it } from '@jest/globals';
import { joinSelection } from './join-selection.js';
import { parseCount, parseRunKey, parseSeconds } from './parse-options.js';
import { parseVars } from './parse-vars.js';

describe('parseSeconds', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['30m', 1800],
    ['1.5h', 5400],
  ])('reads %s as %d', (text, seconds) => {
    expect(parseSeconds(text)).toBe(seconds);
  });

  it.each(['', '0', '-1', '1d', 'h', '1e3', 'NaN'])('refuses %j', (text) => {
    expect(() => parseSeconds(text)).toThrow('Give seconds above 0');
  });
});

describe('parseCount', () => {
  it('takes whole numbers from the smallest', () => {
    expect(parseCount(0)('0')).toBe(0);
    expect(parseCount(1)('16')).toBe(16);
  });

  it.each(['', '0', '-1', '1.5', '0x10', '99999999999'])('refuses %j', (text) => {
    expect(() => parseCount(1)(text)).toThrow('Give a whole number from 1.');
  });
});

describe('parseRunKey', () => {
  it('takes what orchestrators take and nothing else', () => {
    expect(parseRunKey('nightly-2026.11_25')).toBe('nightly-2026.11_25');
    for (const text of ['', '-x', 'a b', 'a/b', 'x'.repeat(129)])
      expect(() => parseRunKey(text)).toThrow('Give 1 to 128');
  });
});

describe('parseVars', () => {
  it('reads YAML and JSON mappings', () => {
    expect(parseVars('start: 2024-01-01')).toEqual({ start: '2024-01-01' });
    expect(parseVars('{"n": [1, true, null]}')).toEqual({ n: [1, true, null] });
  });
});

describe('joinSelection', () => {
  it('is a union of words, or nothing', () => {
    expect(joinSelection(['a', 'tag:b,c'])).toBe('a tag:b,c');
    expect(joinSelection([' '])).toBeUndefined();
    expect(joinSelection(undefined)).toBeUndefined();
  });
});
