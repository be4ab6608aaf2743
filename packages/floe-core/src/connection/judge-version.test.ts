import { describe, expect, it } from '@jest/globals';
import { judgeVersion } from './judge-version.js';

const known = { title: 'Fake', oldest: [3, 3], supported: '>=3.3.0 <4.0.0' } as const;

describe('judgeVersion', () => {
  it.each([
    ['2.11.0', 'failed'],
    ['3.2.9', 'failed'],
    ['3.3.0', 'passed'],
    ['3.10.1rc1', 'passed'],
    ['4.0.0', 'warned'],
  ])('%s is %s', (version, outcome) => {
    expect(judgeVersion(version, known)).toMatchObject({ outcome, version });
  });
});
