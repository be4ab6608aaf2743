import { FloeError, InputError } from '@floe/core/errors/floe-error';
import { types } from 'node:util';

const fileMessages: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be accessed by this user',
  EPERM: 'may not be accessed by this user',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'is not a folder',
  EROFS: 'lies on a read-only file system',
  ENOSPC: 'cannot be written: no space is left on the device',
};

/**
 * Everything that was thrown, as a FloeError. Errors of the file system become FILE_NOT_FOUND or FILE_UNREADABLE, an
 * abort becomes CANCELLED, and what floe did not expect becomes INTERNAL: its message, never its stack.
 */
export function toFloeError(thrown: unknown): FloeError {
  if (FloeError.isInstance(thrown)) return thrown;
  if (!types.isNativeError(thrown)) return internalError(String(thrown));
  if (thrown.name === 'AbortError') return cancelledError();
  return fileError(thrown) ?? internalError(thrown.message);
}

/** The command was ended by a signal before it was done. */
export function cancelledError(): FloeError {
  return new FloeError({
    code: 'CANCELLED',
    message: 'The command was cancelled before it was done.',
    resolution: 'Start it again when you want to go on.',
  });
}

function fileError(error: Error & { readonly code?: unknown; readonly path?: unknown }): FloeError | undefined {
  if (typeof error.code !== 'string' || typeof error.path !== 'string') return undefined;
  const reason = fileMessages[error.code];
  if (reason === undefined) return undefined;
  return new InputError({
    code: error.code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE',
    message: `${error.path} ${reason}.`,
    resolution: 'Check the path and its permissions, then try again.',
    context: { file: error.path, systemCode: error.code },
  });
}

function internalError(message: string): FloeError {
  return new FloeError({
    code: 'INTERNAL',
    message: `floe met an error of its own: ${message}`,
    resolution:
      'This is a mistake in floe. Run the command again with FLOE_DEBUG=1 to see where it happened, and report it with that text.',
  });
}
