import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginExecutionError } from '../errors/floe-error.js';
import type { PythonEnvironmentSpec } from '../plugin-interfaces.js';
import { runCommand } from '../process/child-process.js';
import { acquireLock } from '../process/lock-file.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import { installationFailure } from './installation-failure.js';
import { findPython, type PythonInterpreter } from './python-interpreter.js';

export interface PythonEnvironment {
  /** Absolute path of the interpreter. */
  readonly python: string;
  /** Absolute path of the folder with `python`, `dbt` and the orchestrator's commands. */
  readonly binDirectory: string;
}

export interface PythonEnvironmentContext {
  /** Folder that keeps tools and environments, for example `.floe`. */
  readonly home: string;
  readonly log: (line: string) => void;
  readonly clock: Clock;
  /** Environment of the installers (PATH, proxy, package index); default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs one step of an installation. @throws PluginExecutionError */
export type Install = (step: string, command: string, args: readonly string[]) => Promise<void>;

const uvRequirements = fileURLToPath(new URL('../../python/uv-requirements.txt', import.meta.url));

/**
 * Makes the environment that a plugin describes, or finds it made already: equal files give the same environment.
 * It is built beside its place and moved there when complete, so that a broken one is never used.
 * @throws PluginExecutionError PYTHON_ENVIRONMENT_FAILED with the next step, or CANCELLED
 */
export async function ensurePythonEnvironment(
  spec: PythonEnvironmentSpec,
  context: PythonEnvironmentContext,
  call: CallOptions,
): Promise<PythonEnvironment> {
  const home = resolve(context.home);
  const { directory, ...environment } = await placeOf(spec, home);
  if (await isExecutable(environment.python)) return environment;

  const end = context.clock.now() + call.timeoutMs;
  const rest = (): CallOptions => ({ signal: call.signal, timeoutMs: end - context.clock.now() });
  const locked = await acquireLock(
    join(home, 'environments', `.${spec.name}.lock`),
    {
      clock: context.clock,
      onWait: () => {
        context.log(`Waiting for another process that makes the Python environment ${spec.name}`);
      },
    },
    rest(),
  );
  if (!locked.ok) throw lockFailure(spec.name, locked.failure);
  try {
    if (await isExecutable(environment.python)) return environment;
    const env = installerEnvironment(context.env ?? process.env);
    const install: Install = async (step, command, args) => {
      const outcome = await runCommand({ command, args, cwd: home, env }, { ...rest(), maxOutputBytes: 64_000 });
      if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw installationFailure(step, outcome, spec.name);
    };
    const found = await findPython(env, home, rest(), spec.oldestPython);
    if (!found.ok) throw found.failure;
    const uv = await ensureUv(home, found.value, context.log, install);
    context.log(`Installing the Python environment ${spec.name} (Python ${found.value.version})`);
    await build(spec, { home, directory, uv, python: found.value }, install);
    return environment;
  } finally {
    await locked.value.release();
  }
}

/** The environment that a plugin describes, when it has been made; makes none. */
export async function findPythonEnvironment(
  spec: PythonEnvironmentSpec,
  home: string,
): Promise<PythonEnvironment | undefined> {
  const { python, binDirectory } = await placeOf(spec, resolve(home));
  return (await isExecutable(python)) ? { python, binDirectory } : undefined;
}

async function placeOf(
  spec: PythonEnvironmentSpec,
  home: string,
): Promise<PythonEnvironment & { readonly directory: string }> {
  const name = `${spec.name}-${await hashOfFiles([spec.lockFile, ...spec.wheels])}`;
  const directory = join(home, 'environments', name);
  return { directory, python: join(directory, 'bin', 'python'), binDirectory: join(directory, 'bin') };
}

interface BuildPlan {
  readonly home: string;
  readonly directory: string;
  readonly uv: string;
  readonly python: PythonInterpreter;
}

async function build(spec: PythonEnvironmentSpec, plan: BuildPlan, install: Install): Promise<void> {
  const folder = join(plan.home, 'environments');
  const prefix = `.building-${spec.name}-`;
  for (const entry of await readdir(folder)) {
    // Only the holder of the lock builds, so these are left from processes that were killed.
    if (entry.startsWith(prefix)) await rm(join(folder, entry), { recursive: true, force: true });
  }
  const building = join(folder, `${prefix}${randomUUID()}`);
  const python = join(building, 'bin', 'python');
  try {
    // Relocatable: scripts find their interpreter beside them, so the finished folder can be moved.
    await install('uv venv', plan.uv, [
      'venv',
      '--relocatable',
      '--no-project',
      '--quiet',
      '--python',
      plan.python.executable,
      building,
    ]);
    const pip = ['pip', 'install', '--quiet', '--compile-bytecode', '--python', python];
    await install('uv pip install', plan.uv, [...pip, '--require-hashes', '--requirements', resolve(spec.lockFile)]);
    if (spec.wheels.length > 0) {
      const wheels = spec.wheels.map((wheel) => resolve(wheel));
      await install('uv pip install of the runtime', plan.uv, [...pip, '--no-deps', '--offline', ...wheels]);
    }
    await rm(plan.directory, { recursive: true, force: true });
    await rename(building, plan.directory);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Installs uv, exactly the locked version, through pip in a throw-away environment; it is one file. */
export async function ensureUv(
  home: string,
  python: PythonInterpreter,
  log: (line: string) => void,
  install: Install,
): Promise<string> {
  const directory = join(home, 'tools', `uv-${await hashOfFiles([uvRequirements])}`);
  const uv = join(directory, 'uv');
  if (await isExecutable(uv)) return uv;
  log('Installing the installer of Python environments (uv)');
  const building = join(home, 'tools', `.building-uv-${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true });
    await install('python3 -m venv', python.executable, ['-m', 'venv', building]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes'];
    await install('pip install uv', join(building, 'bin', 'python'), [...pip, '--requirement', uvRequirements]);
    await rename(join(building, 'bin', 'uv'), uv);
    return uv;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** The environment of the installers without what would make them install somewhere else or ask questions. */
export function installerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return {
    ...env,
    PYTHONHOME: undefined,
    PYTHONPATH: undefined,
    VIRTUAL_ENV: undefined,
    CONDA_PREFIX: undefined,
    PIP_USER: '0',
    PIP_TARGET: undefined,
    PIP_NO_INPUT: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    UV_PYTHON_DOWNLOADS: 'never',
    UV_NO_PROGRESS: '1',
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    LC_ALL: 'C.UTF-8',
  };
}

/** First 12 digits of the hash over names and contents. */
async function hashOfFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    let content: Buffer;
    try {
      content = await readFile(file);
    } catch {
      throw new PluginExecutionError({
        code: 'PYTHON_ENVIRONMENT_FAILED',
        message: `${file} cannot be read, but the Python environment is made from it`,
        resolution: 'The installed package is damaged: install it again with `npm install`.',
      });
    }
    hash.update(`${basename(file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lockFailure(name: string, reason: 'timed_out' | 'cancelled'): PluginExecutionError {
  if (reason === 'cancelled') {
    return new PluginExecutionError({
      code: 'CANCELLED',
      message: `Making the Python environment ${name} was cancelled`,
      resolution: 'Run the command again.',
    });
  }
  return new PluginExecutionError({
    code: 'PYTHON_ENVIRONMENT_FAILED',
    message: `Another process that makes the Python environment ${name} did not finish in time`,
    resolution: 'Wait until it has finished, or end it, and run the command again.',
  });
}
