import { describe, expect, it } from '@jest/globals';
import { forbiddenText } from './forbidden-text.js';
import { openRepository, repositoryOf } from './repository.js';

const path = ['', 'home', 'someone'].join('/');

describe('forbiddenText', () => {
  it('finds nothing in this repository', () => {
    expect(forbiddenText(openRepository())).toEqual([]);
  });

  it('finds paths of machines and rules switched off', () => {
    const contents = {
      'packages/a/src/a.ts': `ok\nconst x = '${path}';`,
      'tools/b.ts': `// ${['eslint', 'disable'].join('-')}`,
    };
    expect(forbiddenText(repositoryOf(contents))).toEqual([
      'packages/a/src/a.ts:2: a path of one machine',
      'tools/b.ts:1: a rule switched off',
    ]);
  });

  it('lets tests name paths, but not switch tests off', () => {
    const contents = { 'packages/a/src/a.test.ts': `'${path}'\n${['it', 'only'].join('.')}('x')` };
    expect(forbiddenText(repositoryOf(contents))).toEqual(['packages/a/src/a.test.ts:2: a test switched off']);
  });
});
