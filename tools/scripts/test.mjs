// `npm test` and, with --full, `npm run test:full`: everything that must hold, with one line of numbers at the end.
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { binaries, main, root, run, say, seconds, totalTime } from './steps.mjs';
import { clearResults, sumResults } from '../repository-checks/src/test-results.mjs';

const full = process.argv.includes('--full');

/** Phases in order; `results` are the files that hold the counts, none for static checks. */
const phases = [
  { label: 'format', command: ['prettier', '--check', '.'], results: [] },
  { label: 'static checks', targets: ['lint', 'typecheck', 'build'], results: [] },
  { label: 'unit and property tests', targets: ['test'], results: ['unit.json', 'python.xml'] },
  { label: 'one real run per orchestrator', targets: ['test-real'], results: ['real.json', 'real.xml'] },
  ...(full ? [{ label: 'long matrix', targets: ['test-full'], results: ['full.json', 'full.xml'] }] : []),
];

function commandOf(phase) {
  if (phase.command !== undefined) return phase.command;
  return ['nx', 'run-many', '-t', ...phase.targets, '--output-style=static'];
}

/** Runs a phase to its end; a phase that fails outside of a test, or runs none, counts as one failure. */
async function runPhase(phase) {
  say(`\n── ${phase.label}`);
  const start = Date.now();
  const [program, ...args] = commandOf(phase);
  const { status } = await run(phase.label, join(binaries, program), args, { allowFailure: true });
  const counts = sumResults(root, phase.results);
  const empty = phase.results.length > 0 && counts.passed + counts.failed === 0;
  if (empty) say(`No test of "${phase.label}" left a result.`);
  if ((status !== 0 || empty) && counts.failed === 0) counts.failed = 1;
  const numbers =
    phase.results.length === 0 ? '' : `: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  say(`── ${counts.failed === 0 ? '✓' : '✗'} ${phase.label} (${seconds(start)})${numbers}`);
  return { phase, ...counts };
}

await main(async () => {
  await setUp({ tools: true, environments: full ? ['dagster-postgres'] : [] });
  clearResults(root);
  const results = [];
  for (const phase of phases) results.push(await runPhase(phase));
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  const red = results.filter((result) => result.failed > 0).map((result) => result.phase.label);
  say('');
  if (red.length > 0) say(`Failed: ${red.join(', ')}.`);
  if (total('skipped') > 0) say(`${total('skipped')} skipped.`);
  say(`Total time ${totalTime()}.`);
  say(`${total('passed')} passed, ${total('failed')} failed`);
  return red.length === 0 ? 0 : 1;
});
