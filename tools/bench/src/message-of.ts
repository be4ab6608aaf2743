import { FloeError } from '@floe/core/errors/floe-error';
import { types } from 'node:util';

/** What went wrong, for a line of the log. */
export function messageOf(error: unknown): string {
  if (FloeError.isInstance(error)) return `${error.message} ${error.resolution}`;
  return types.isNativeError(error) ? error.message : String(error);
}
