import type { KnownVersions } from '@floe/core/connection/judge-version';

/** The release that the locks, the tests and the images use. */
export const airflowVersion = '3.3.2';
/** Releases that are supported. */
export const knownAirflowVersions: KnownVersions = {
  title: 'Airflow',
  oldest: [3, 3],
  supported: '>=3.3.0 <4.0.0',
};
