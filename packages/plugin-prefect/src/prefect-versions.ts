/** The release that the locks, the tests and the images use. */
export const prefectVersion = '3.9.1';
/** Releases that are supported, as a semver range. */
export const supportedPrefectVersions = '>=3.9.0 <4.0.0';
/** Major and minor of the oldest of them. */
export const oldestPrefectVersion = [3, 9] as const;
/** Version of Prefect's REST interface that the plugin speaks; sent with every request. */
export const prefectApiVersion = '0.8.4';
/** Minor releases of dbt that the runtime is tested with. */
export const dbtCoreRequirement = 'dbt-core~=1.11.0';

/** dbt adapter packages with a lock of their own, by adapter type. */
export const adapterRequirements: Readonly<Record<string, string>> = {
  duckdb: 'dbt-duckdb==1.11.1',
  postgres: 'dbt-postgres==1.11.0',
};
