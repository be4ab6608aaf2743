import { describe, expect, it } from '@jest/globals';
import { errorCategories } from '@floe/core/errors/error-codes';
import { headingDifferences } from './error-headings.js';
import { openRepository } from './repository.js';

describe('docs/errors.md', () => {
  it('has one heading for each error code', () => {
    expect(headingDifferences(Object.keys(errorCategories), openRepository().read('docs/errors.md'))).toEqual([]);
  });
});

describe('headingDifferences', () => {
  it('finds missing, unknown and repeated headings', () => {
    expect(headingDifferences(['A', 'B'], '## Group\n### A\ntext\n### C\n### A\n')).toEqual([
      'no heading for B',
      'C is no error code',
      'A stands twice',
    ]);
  });
});
