import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { dataDirectoryVariable } from '../compile/profiles.js';
import { FloeError, InputError } from '../errors/floe-error.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import { runCommand, type CommandOutcome } from '../process/child-process.js';
import type { CallOptions } from '../time/call-options.js';
import { dbtMessage } from './dbt-message.js';
import type { DbtParseInput } from './dbt-parse-input.js';
import { placeholderEnvironment } from './placeholder-environment.js';

/** The dbt that parses: a Python with dbt-core and the adapter, and the environment that it gets. */
export interface DbtCommand {
  readonly python: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets what dbt prints, line by line. */
  readonly log?: (line: string) => void;
}

const outputLimit = 200_000;

/**
 * Runs `dbt deps` (when asked) and `dbt parse` with a generated profile in a private folder, private logs and no usage
 * statistics. Environment variables of secrets that are not set get a placeholder: parsing does not connect.
 * Fails with DBT_PARSE_FAILED and dbt's own message, with CANCELLED when the signal aborts.
 */
export async function runDbtParse(
  command: DbtCommand,
  input: DbtParseInput,
  call: CallOptions,
): Promise<Outcome<void, FloeError>> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'floe-dbt-parse-'));
  try {
    await writeFile(join(folder, 'profiles.yml'), stringify(input.profiles, { version: '1.1', lineWidth: 0 }), {
      mode: 0o600,
    });
    const steps = input.installPackages ? ['deps', 'parse'] : ['parse'];
    for (const step of steps) {
      const left = call.timeoutMs - (performance.now() - began);
      const outcome = await runStep(step, command, input, folder, { signal: call.signal, timeoutMs: left });
      if (outcome.kind !== 'exited' || outcome.exitCode !== 0) return failure(explain(step, outcome, input, command));
    }
    return success(undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runStep(
  step: string,
  command: DbtCommand,
  input: DbtParseInput,
  folder: string,
  call: CallOptions,
): Promise<CommandOutcome> {
  const vars = Object.keys(input.vars).length === 0 ? [] : ['--vars', JSON.stringify(input.vars)];
  const profile = ['--profiles-dir', folder, '--profile', input.profile, '--target', input.target];
  const target =
    step === 'parse'
      ? [
          '--target-path',
          input.targetDirectory,
          // dbt refuses the option when there is no such file yet
          ...(existsSync(input.partialParseFile) ? ['--partial-parse-file-path', input.partialParseFile] : []),
        ]
      : [];
  return runCommand(
    {
      command: command.python,
      args: [
        '-c',
        'from dbt.cli.main import cli; cli()',
        '--no-use-colors',
        '--log-level-file',
        'none',
        step,
        ...profile,
        ...vars,
        ...target,
      ],
      cwd: input.projectDirectory,
      env: {
        ...placeholderEnvironment(input.profiles, command.environment),
        ...command.environment,
        [dataDirectoryVariable]: input.dataDirectory,
        DBT_LOG_PATH: join(folder, 'logs'),
        DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
        DO_NOT_TRACK: '1',
        DBT_VERSION_CHECK: 'false',
        PYTHONUTF8: '1',
        PYTHONUNBUFFERED: '1',
      },
    },
    { ...call, maxOutputBytes: outputLimit, ...(command.log !== undefined && { log: command.log }) },
  );
}

function explain(step: string, outcome: CommandOutcome, input: DbtParseInput, command: DbtCommand): FloeError {
  const context = { projectDirectory: input.projectDirectory, command: `dbt ${step}` };
  switch (outcome.kind) {
    case 'cancelled':
      return new FloeError({
        code: 'CANCELLED',
        message: `dbt ${step} was cancelled.`,
        resolution: 'Start again.',
        context,
      });
    case 'timed_out':
      return new InputError({
        code: 'DBT_PARSE_FAILED',
        message: `dbt ${step} did not end in time and was stopped.`,
        resolution: 'Run the command by hand in the project to see where it stays.',
        context,
      });
    case 'not_started':
      return new InputError({
        code: 'DBT_PARSE_FAILED',
        message: `dbt ${step} could not be started: ${outcome.message}.`,
        resolution: 'Give the path of a Python that has dbt-core 1.11 and the adapter installed.',
        context: { ...context, python: command.python },
      });
    default: {
      const text = dbtMessage(`${outcome.stdout}\n${outcome.stderr}`);
      return new InputError({
        code: 'DBT_PARSE_FAILED',
        message: `dbt ${step} failed: ${text === '' ? 'dbt gave no message' : text}`,
        resolution:
          step === 'deps'
            ? 'Check packages.yml and the network, then try again.'
            : 'Correct the dbt project as the message says; "dbt parse" shows the same.',
        context,
      });
    }
  }
}
