import type { CommanderError } from 'commander';
import { InputError } from '@floe/core/errors/floe-error';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import type { CliEnvironment } from './environment.js';
import { createOutput } from './output/output.js';

export interface UsageErrorInput {
  readonly argv: readonly string[];
  /** The command with its parents, for example `floe platform start`. */
  readonly command: string;
  readonly environment: CliEnvironment;
}

/** Says what is wrong with the arguments and returns the exit status. */
export function reportUsageError(error: CommanderError, { argv, command, environment }: UsageErrorInput): number {
  const usage = new InputError({
    code: 'USAGE',
    message: error.code === 'commander.help' ? 'No command was given.' : sentence(error.message),
    resolution: `Run \`${command} --help\` to see what it takes.`,
  });
  const output = createOutput({
    format: requestedFormat(argv),
    color: !argv.includes('--no-color'),
    directory: environment.directory,
    variables: environment.variables,
    stdout: environment.stdout,
    stderr: environment.stderr,
    redactor: createRedactor(),
  });
  output.finish({ exitCode: usage.exitCode, error: usage.toJSON() });
  return usage.exitCode;
}

/** `--output` is looked up by hand, since the arguments could not be parsed. */
function requestedFormat(argv: readonly string[]): 'text' | 'json' {
  const last = argv.reduce<string | undefined>((found, argument, index) => {
    if (argument.startsWith('--output=')) return argument.slice('--output='.length);
    return argument === '--output' ? argv[index + 1] : found;
  }, undefined);
  return last === 'json' ? 'json' : 'text';
}

/** commander writes `error: unknown option '--x'\n(Did you mean --y?)`. */
function sentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
