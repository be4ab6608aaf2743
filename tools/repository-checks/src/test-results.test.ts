import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { clearResults, countJest, countJunit, sumResults } from './test-results.mjs';

const jest = JSON.stringify({
  numPassedTests: 5,
  numFailedTests: 1,
  numRuntimeErrorTestSuites: 1,
  numPendingTests: 2,
  numTodoTests: 0,
});
const junit =
  '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10"></testsuite></testsuites>';

describe('test results', () => {
  it('count a suite of jest that could not run as a failure', () => {
    expect(countJest(jest)).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  it('count errors of pytest as failures', () => {
    expect(countJunit(junit)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it('are summed over all projects, and gone when cleared', () => {
    const root = mkdtempSync(join(tmpdir(), 'floe-test-results-'));
    try {
      for (const project of ['packages/a', 'tools/b']) {
        mkdirSync(join(root, project, 'test-results'), { recursive: true });
        writeFileSync(join(root, project, 'test-results', 'unit.json'), jest);
      }
      writeFileSync(join(root, 'packages/a/test-results/python.xml'), junit);
      writeFileSync(join(root, 'packages/a/test-results/other.json'), jest);
      expect(sumResults(root, ['unit.json', 'python.xml'])).toEqual({ passed: 14, failed: 7, skipped: 7 });
      clearResults(root);
      expect(sumResults(root, ['unit.json', 'python.xml'])).toEqual({ passed: 0, failed: 0, skipped: 0 });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
