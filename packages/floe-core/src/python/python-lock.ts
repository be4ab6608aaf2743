import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { runCommand } from '../process/child-process.js';
import type { CallOptions } from '../time/call-options.js';
import { installationFailure } from './installation-failure.js';
import { ensureUv, installerEnvironment, type Install, type PythonEnvironmentContext } from './python-environment.js';
import { findPython } from './python-interpreter.js';

export interface PythonLockInput {
  /** Name of the environment, for messages. */
  readonly name: string;
  /** Files with requirements. */
  readonly requirementFiles: readonly string[];
  /** Further requirements, for example `dbt-trino`. */
  readonly requirements: readonly string[];
  /** The lock that is written, as a whole or not at all. */
  readonly lockFile: string;
}

/**
 * Resolves requirements to exact versions with hashes (`uv pip compile`), for `ensurePythonEnvironment`.
 * @throws PluginExecutionError PYTHON_ENVIRONMENT_FAILED with the next step, or CANCELLED
 */
export async function lockPythonEnvironment(
  input: PythonLockInput,
  context: PythonEnvironmentContext,
  call: CallOptions,
): Promise<void> {
  const home = resolve(context.home);
  await mkdir(join(home, 'tools'), { recursive: true });
  await mkdir(dirname(input.lockFile), { recursive: true });
  const end = context.clock.now() + call.timeoutMs;
  const rest = (): CallOptions => ({ signal: call.signal, timeoutMs: end - context.clock.now() });
  const env = installerEnvironment(context.env ?? process.env);
  const install: Install = async (step, command, args) => {
    const outcome = await runCommand({ command, args, cwd: home, env }, { ...rest(), maxOutputBytes: 64_000 });
    if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw installationFailure(step, outcome, input.name);
  };
  const python = await findPython(env, home, rest());
  if (!python.ok) throw python.failure;
  const uv = await ensureUv(home, python.value, context.log, install);
  const wanted = `${input.lockFile}.${randomUUID()}.in`;
  const temporary = `${input.lockFile}.${randomUUID()}.tmp`;
  try {
    await writeFile(wanted, `${input.requirements.join('\n')}\n`);
    context.log(`Resolving the Python environment ${input.name}`);
    await install('uv pip compile', uv, [
      'pip',
      'compile',
      '--quiet',
      '--universal',
      '--generate-hashes',
      '--no-header',
      '--no-annotate',
      '--no-emit-index-url',
      '--no-emit-find-links',
      '--python-version',
      python.value.version,
      '--output-file',
      temporary,
      ...input.requirementFiles.map((file) => resolve(file)),
      wanted,
    ]);
    await rename(temporary, input.lockFile);
  } finally {
    await rm(wanted, { force: true });
    await rm(temporary, { force: true });
  }
}
