import { stat } from 'node:fs/promises';

/** One program to run; `env` is the whole environment, nothing is inherited. */
export interface Command {
  /** A path, or a name that is looked up in `env.PATH`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text for standard input; without it standard input is empty. */
  readonly input?: string;
}

/** Why a program did not start. */
export interface StartFailure {
  readonly reason: 'command_not_found' | 'directory_not_found' | 'not_executable' | 'other';
  readonly message: string;
}

/** Explains the error of a failed start in a sentence. */
export async function explainStartFailure(command: Command, error: unknown): Promise<StartFailure> {
  const code = errorCodeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    // The operating system gives one code for both, the missing program and the missing folder.
    const isDirectory = await stat(command.cwd).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    return isDirectory
      ? { reason: 'command_not_found', message: `The program ${command.command} was not found` }
      : { reason: 'directory_not_found', message: `The folder ${command.cwd} does not exist` };
  }
  if (code === 'EACCES') return { reason: 'not_executable', message: `${command.command} may not be executed` };
  return { reason: 'other', message: `${command.command} could not be started (${code})` };
}

function errorCodeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return 'unknown reason';
}
