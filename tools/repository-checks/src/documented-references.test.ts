import { describe, expect, it } from '@jest/globals';
import { brokenLinks, missingReferences, rowsWithoutEvidence } from './documented-references.js';
import { openRepository, repositoryOf } from './repository.js';

const repository = openRepository();
const pages = repository.files.filter((file) => file.endsWith('.md'));

describe('documentation', () => {
  it('names only files and tests that exist', () => {
    expect(pages.flatMap((page) => missingReferences(page, repository))).toEqual([]);
  });

  it('links only to files that exist', () => {
    expect(pages.flatMap((page) => brokenLinks(page, repository))).toEqual([]);
  });

  it('gives evidence for every requirement', () => {
    expect(rowsWithoutEvidence('docs/requirements.md', repository)).toEqual([]);
  });
});

describe('missingReferences', () => {
  const test = "it('adds up', () => {});";

  it('accepts files, folders and tests', () => {
    const page = '`packages/a/src/b.test.ts › adds up`, `packages/a` and `npm test`';
    expect(
      missingReferences('docs/x.md', repositoryOf({ 'docs/x.md': page, 'packages/a/src/b.test.ts': test })),
    ).toEqual([]);
  });

  it('finds a missing file and a missing test', () => {
    const page = '`packages/a/src/c.ts` and `packages/a/src/b.test.ts › takes away`';
    expect(
      missingReferences('docs/x.md', repositoryOf({ 'docs/x.md': page, 'packages/a/src/b.test.ts': test })),
    ).toEqual([
      'docs/x.md: packages/a/src/c.ts does not exist',
      'docs/x.md: packages/a/src/b.test.ts has no test "takes away"',
    ]);
  });
});

describe('brokenLinks', () => {
  it('follows relative links only', () => {
    const page = '[a](../README.md#top) [b](https://example.com/x) [c](gone.md)';
    expect(brokenLinks('docs/x.md', repositoryOf({ 'docs/x.md': page, 'README.md': '' }))).toEqual([
      'docs/x.md: docs/gone.md does not exist',
    ]);
  });
});

describe('rowsWithoutEvidence', () => {
  it('finds a row without a file', () => {
    const page = '| REQ-021 | typed | `packages/a.ts` |\n| REQ-022 | lineage | soon |';
    expect(rowsWithoutEvidence('x.md', repositoryOf({ 'x.md': page }))).toEqual([
      'x.md: without evidence: | REQ-022 | lineage | soon |',
    ]);
  });

  it('refuses a page without rows', () => {
    expect(rowsWithoutEvidence('x.md', repositoryOf({ 'x.md': '' }))).toHaveLength(1);
  });
});
