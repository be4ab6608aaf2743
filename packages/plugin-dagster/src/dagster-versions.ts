import type { KnownVersions } from '@floe/core/connection/judge-version';

/** The release that the locks, the tests and the images use. */
export const dagsterVersion = '1.13.27';
/** The releases of Dagster's libraries that belong to it. */
export const dagsterLibraryVersion = '0.29.27';
/** Releases that are supported. */
export const knownDagsterVersions: KnownVersions = {
  title: 'Dagster',
  oldest: [1, 13],
  supported: '>=1.13.0 <2.0.0',
};
