import { join, resolve } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** Holds what is made once for all tests: Python environments, the collector. */
export const sharedHome = join(repositoryRoot, '.floe');
