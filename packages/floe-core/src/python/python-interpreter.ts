import { PluginExecutionError } from '../errors/floe-error.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import { runCommand } from '../process/child-process.js';
import type { CallOptions } from '../time/call-options.js';

/** A Python of the machine from which environments are made. */
export interface PythonInterpreter {
  /** Absolute path. */
  readonly executable: string;
  /** For example `3.11`. */
  readonly version: string;
}

/** `python3` is what people mean; the others help where it is too old or newer than the locked packages. */
const candidates = ['python3', 'python3.12', 'python3.11', 'python3.13', 'python3.10', 'python'];
const oldestMinor = 10;
const newestMinor = 13;
const question = `import importlib.util as u, sys
print(sys.executable, *sys.version_info[:2], *(int(u.find_spec(m) is not None) for m in ("venv", "ensurepip")), sep="\\n")`;

/**
 * Finds a Python that can make environments; versions that the locks were made for come first.
 * @param env environment with the PATH that is searched
 * @param oldest minor release of the oldest Python 3 that will do
 */
export async function findPython(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  call: CallOptions,
  oldest = oldestMinor,
): Promise<Outcome<PythonInterpreter, PluginExecutionError>> {
  const tooOld: string[] = [];
  const withoutVenv: string[] = [];
  let newer: PythonInterpreter | undefined;
  for (const command of candidates) {
    const outcome = await runCommand(
      { command, args: ['-c', question], cwd, env },
      { ...call, timeoutMs: Math.min(call.timeoutMs, 30_000), maxOutputBytes: 10_000 },
    );
    if (outcome.kind === 'cancelled') return failure(cancelled());
    if (outcome.kind !== 'exited' || outcome.exitCode !== 0) continue;
    const [executable = '', major, minor, venv, ensurepip] = outcome.stdout.trim().split('\n');
    const version = `${major ?? '?'}.${minor ?? '?'}`;
    if (major !== '3' || Number(minor) < oldest) tooOld.push(version);
    else if (venv !== '1' || ensurepip !== '1') withoutVenv.push(version);
    else if (Number(minor) > newestMinor) newer ??= { executable, version };
    else return success({ executable, version });
  }
  return newer === undefined ? failure(notFound(oldest, tooOld, withoutVenv)) : success(newer);
}

function notFound(oldest: number, tooOld: readonly string[], withoutVenv: readonly string[]): PluginExecutionError {
  const [version] = withoutVenv;
  if (version !== undefined) {
    return new PluginExecutionError({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: `Python ${version} has no venv module, so no environment can be made`,
      resolution: `Install the venv package of your system, for example \`apt-get install python${version}-venv\`, and run the command again.`,
    });
  }
  const found = tooOld.length === 0 ? 'no python3 on the PATH' : `only Python ${[...new Set(tooOld)].join(', ')}`;
  return new PluginExecutionError({
    code: 'PYTHON_ENVIRONMENT_FAILED',
    message: `Python 3.${oldest} or newer is needed; found ${found}`,
    resolution:
      'Install Python 3.11 with its venv module so that `python3 --version` answers, and run the command again.',
  });
}

function cancelled(): PluginExecutionError {
  return new PluginExecutionError({
    code: 'CANCELLED',
    message: 'The search for Python was cancelled',
    resolution: 'Run the command again.',
  });
}
