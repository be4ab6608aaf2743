import type { KnownVersions } from '@floe/core/connection/judge-version';

/** The release that the locks, the tests and the images use. */
export const prefectVersion = '3.9.1';
/** Releases that are supported. */
export const knownPrefectVersions: KnownVersions = {
  title: 'Prefect',
  oldest: [3, 9],
  supported: '>=3.9.0 <4.0.0',
};
/** Version of Prefect's REST interface that the plugin speaks; sent with every request. */
export const prefectApiVersion = '0.8.4';
