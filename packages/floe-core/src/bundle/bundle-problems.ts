import type { ErrorCode } from '../errors/error-codes.js';
import { InputError } from '../errors/floe-error.js';

/** The error about one file or folder that a bundle cannot take. */
export function fileError(code: ErrorCode, file: string, message: string, resolution: string): InputError {
  return InputError.fromProblems([{ code, severity: 'error', message, resolution, location: { file } }]);
}

/** Node's error code of a failed file operation, such as `ENOENT`. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Turns a failed reading of a user's file into an error that names it. */
export function unreadable(file: string, error: unknown): InputError {
  const code = systemCodeOf(error);
  const reason =
    code === 'ENOENT'
      ? 'it is not there'
      : code === 'EACCES' || code === 'EPERM'
        ? 'permission is denied'
        : (code ?? 'reading failed');
  return fileError(
    code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
    file,
    `The file cannot be read: ${reason}.`,
    'Make it readable for the user who runs floe, or remove it from the dbt project.',
  );
}
