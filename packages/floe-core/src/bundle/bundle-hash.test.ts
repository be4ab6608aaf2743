import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bundleHash, shortHash, sortedPaths } from './bundle-hash.js';

const digest = fc.string().map((text) => createHash('sha256').update(text).digest('hex'));
const files = fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), digest, { noNullPrototype: true });

describe('bundleHash', () => {
  it('is the same in every language: a recorded value', () => {
    // python: sha256("".join(f"{p}\0{h}\n" for p, h in sorted(files.items())).encode())
    expect(
      bundleHash({ 'b/ä.sql': '22', 'a.sql': '11', 'b/\u{1f600}': '33', 'b/\uffee': '44', 'bundle.json': '55' }),
    ).toBe('sha256:c789c7a9ae82dd397f42696cf01ee86f5745aff82283da37bc781a8f62404a65');
  });

  it('does not depend on the order, and not on bundle.json', () => {
    fc.assert(
      fc.property(files, digest, (one, other) => {
        const turned = Object.fromEntries([...Object.entries(one).reverse(), ['bundle.json', other]]);
        expect(bundleHash(turned)).toBe(bundleHash(one));
      }),
    );
  });

  it('changes with a path and with a content', () => {
    fc.assert(
      fc.property(files, files, (one, other) => {
        const without = (record: Record<string, string>): string =>
          JSON.stringify(
            Object.entries(record)
              .filter(([path]) => path !== 'bundle.json')
              .sort(),
          );
        expect(bundleHash(one) === bundleHash(other)).toBe(without(one) === without(other));
      }),
    );
  });

  it('is shortened to 12 digits', () => {
    expect(shortHash(bundleHash({}))).toBe('e3b0c44298fc');
  });
});

describe('sortedPaths', () => {
  it('sorts by bytes, which is not the order of UTF-16', () => {
    expect(sortedPaths(['\u{1f600}', '\uffee', 'a'])).toEqual(['a', '\uffee', '\u{1f600}']);
  });
});
