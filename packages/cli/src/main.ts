import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { runFloe } from './run-floe.js';

/**
 * A closed pipe (`floe graph | head`) or a terminal that is gone is no error: a run that is under way must still be
 * followed, or cancelled, to its end.
 */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

process.on('uncaughtException', (error: unknown) => {
  void import('./unexpected-end.js').then(({ reportUnexpectedEnd }) => {
    process.exit(reportUnexpectedEnd(error, process.env, process.stderr)); // the state is unknown: end here
  });
});

const exitCode = await runFloe(process.argv.slice(2), {
  directory: process.cwd(),
  variables: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  clock: systemClock,
  random: systemRandom,
  loadServices: async () => (await import('./project/services.js')).productionServices,
  endProcess: (code) => process.exit(code), // the second interrupt: the user does not want to wait
});
// What was written must leave the process first.
process.stdout.write('', () => {
  process.stderr.write('', () => process.exit(exitCode)); // open connections must not keep the process
});
