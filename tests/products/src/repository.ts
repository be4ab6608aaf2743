import { join, resolve } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';

/** The checkout; the same from `src` and from `dist`. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** Holds what is made once for all tests: Python environments, the collector. */
export const sharedHome = join(repositoryRoot, '.floe');

/** A call with a limit of its own. */
export function within(seconds: number): CallOptions {
  return { signal: new AbortController().signal, timeoutMs: seconds * 1_000 };
}
