// Sums what jest (--json) and pytest (--junitxml) wrote below each project's test-results folder.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const projectFolders = ['packages', 'tools', 'tests'];

/** @returns the result folders of all projects */
function resultFolders(root) {
  return projectFolders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((project) => join(folder, project, 'test-results')))
    .filter((folder) => existsSync(folder));
}

/** Takes away the results of earlier runs, so that only what ran (or came from Nx's cache) is counted. */
export function clearResults(root) {
  for (const folder of resultFolders(root)) rmSync(folder, { recursive: true, force: true });
}

/** Counts of a jest result file; a suite that could not run counts as one failure. */
export function countJest(text) {
  const result = JSON.parse(text);
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** Counts of a junit file of pytest. */
export function countJunit(text) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [suite] of text.matchAll(/<testsuite\s[^>]*>/g)) {
    const number = (name) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = number('failures') + number('errors');
    counts.failed += failed;
    counts.skipped += number('skipped');
    counts.passed += number('tests') - failed - number('skipped');
  }
  return counts;
}

/** Sums the results of the given names, for example `unit.json` and `python.xml`. */
export function sumResults(root, names) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const folder of resultFolders(root)) {
    for (const name of names.filter((candidate) => existsSync(join(folder, candidate)))) {
      const text = readFileSync(join(folder, name), 'utf8');
      const counts = name.endsWith('.xml') ? countJunit(text) : countJest(text);
      for (const key of Object.keys(sum)) sum[key] += counts[key];
    }
  }
  return sum;
}
