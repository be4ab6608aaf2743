import { errorCategories, exitCodeOf, type ErrorCode } from '@floe/core/errors/error-codes';

/** Exit status for an error code; one of another version of floe that this one does not know is a platform error. */
export function exitCodeFor(code: string): number {
  return exitCodeOf(isKnown(code) ? code : 'INTERNAL');
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(errorCategories, code);
}
