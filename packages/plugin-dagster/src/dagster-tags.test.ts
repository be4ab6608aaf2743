import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTagKey, ownerName, tagKey } from './dagster-tags.js';

describe('tagKey', () => {
  it('keeps what Dagster takes, and makes the rest legal', () => {
    expect(tagKey('finance')).toBe('finance');
    expect(tagKey('team/finance')).toBe('team/finance');
    expect(tagKey('pii: high')).toBe('pii__high');
    expect(tagKey('a/b/c')).toBe('a_b_c');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(isTagKey(tagKey(value))).toBe(true);
      }),
    );
  });
});

describe('ownerName', () => {
  it.each([
    ['team:sales', 'team:sales'],
    ['sales@example.com', 'sales@example.com'],
    ['Sales', 'team:Sales'],
    ['a@b.c', 'team:a@b.c'],
    ['team:', 'team:team:'],
  ])('makes %s to %s', (owner, expected) => {
    expect(ownerName(owner)).toBe(expected);
  });
});
