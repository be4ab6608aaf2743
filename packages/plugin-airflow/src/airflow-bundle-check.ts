import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BackendFault } from '@floe/core/execution/run-backend';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import { runCommand, type CommandOutcome } from '@floe/core/process/child-process';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import { importCause } from './airflow-errors.js';
import { pythonDirectory } from './airflow-loader.js';

/** What an Airflow at hand makes of a bundle. */
export type BundleCheck =
  /** It reads and serializes every DAG that is planned. */
  | { readonly kind: 'passed'; readonly version: string }
  /** It does not. */
  | { readonly kind: 'refused'; readonly version: string; readonly fault: BackendFault }
  /** It could not be asked. */
  | { readonly kind: 'unanswered'; readonly reason: string };

const answer = z.object({
  version: z.string(),
  errors: z.record(z.string(), z.string()),
  dags: z.record(z.string(), z.array(z.string())),
});

const longestAnswer = 10_000_000;

/**
 * Reads a bundle with an Airflow on this machine, as the DAG processor would, before it is delivered.
 * @param python interpreter with Airflow and what the bundle requires
 * @param dagIds every DAG that the bundle must give
 */
export async function checkBundle(
  directory: string,
  python: string,
  dagIds: readonly string[],
  call: CallOptions,
): Promise<BundleCheck> {
  const found = await readDags(directory, python, call);
  if (!found.ok) return { kind: 'unanswered', reason: found.failure };
  const { version, errors, dags } = found.value;
  const error = Object.values(errors)[0];
  const missing = dagIds.find((dagId) => dags[dagId] === undefined);
  if (error === undefined && missing === undefined) return { kind: 'passed', version };
  const { message, place } =
    error === undefined ? { message: `it has no DAG ${missing ?? ''}`, place: undefined } : importCause(error);
  return {
    kind: 'refused',
    version,
    fault: {
      code: 'DEPLOYMENT_NOT_LOADED',
      message: `The bundle does not load in Airflow ${version}, which is at hand here: ${message}${place === undefined ? '' : ` (${place})`}`,
      resolution: 'Mend what the message says, then deploy again. Nothing was written.',
      retryable: false,
    },
  };
}

async function readDags(
  directory: string,
  python: string,
  call: CallOptions,
): Promise<Outcome<z.infer<typeof answer>, string>> {
  const home = await mkdtemp(join(tmpdir(), 'floe-airflow-check-'));
  try {
    const env = {
      PATH: `${dirname(python)}:${process.env.PATH ?? ''}`,
      HOME: process.env.HOME,
      AIRFLOW_HOME: home,
      AIRFLOW__CORE__DAGS_FOLDER: directory,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      // The bundle stays as it is: its hash is made of all its files.
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const args = [join(pythonDirectory, 'local', 'read_dags.py'), directory];
    const outcome = await runCommand(
      { command: python, args, cwd: home, env },
      { ...call, maxOutputBytes: longestAnswer },
    );
    if (outcome.kind !== 'exited' || outcome.exitCode !== 0) return failure(howItEnded(outcome));
    const parsed = answer.safeParse(parseJson(outcome.stdout));
    return parsed.success ? success(parsed.data) : failure('its answer is not understood');
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function howItEnded(outcome: CommandOutcome): string {
  switch (outcome.kind) {
    case 'not_started':
      return outcome.message;
    case 'exited':
      return `${outcome.stderr.trim().split('\n').at(-1) ?? ''} (status ${outcome.exitCode})`.trim();
    case 'signalled':
      return `it was ended by ${outcome.signal}`;
    case 'timed_out':
      return 'it did not end in time';
    case 'cancelled':
      return 'it was cancelled';
  }
}
