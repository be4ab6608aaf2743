import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { CommanderError } from 'commander';
import type { CliEnvironment } from './environment.js';
import { createProgram } from './program.js';

/**
 * Runs one `floe` command line and returns its exit status: 0 fine, 1 a run failed, 2 bad input or usage, 3 platform,
 * 4 timeout, 130 cancelled. Never throws; everything is written through the streams of the environment.
 * @param argv arguments without node and script
 */
export async function runFloe(argv: readonly string[], environment: CliEnvironment): Promise<number> {
  let exitCode = 0;
  const program = createProgram(async (globals, command) => {
    const { executeCommand } = await import('./execute-command.js');
    exitCode = await executeCommand(globals, command, environment);
  }, environment);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const { reportUsageError } = await import('./usage-error.js');
    return reportUsageError(error, { argv, command: commandPath(program, argv), environment });
  }
}

/** `floe platform start` for the arguments that were given, as far as they name commands. */
function commandPath(program: CommandUnknownOpts, argv: readonly string[]): string {
  const names = [program.name()];
  let command = program;
  for (const argument of argv) {
    const next = command.commands.find((candidate) => candidate.name() === argument);
    if (next === undefined) continue;
    names.push(argument);
    command = next;
  }
  return names.join(' ');
}
