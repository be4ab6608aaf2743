/** The release that the locks, the tests and the images use. */
export const dagsterVersion = '1.13.27';
/** The releases of Dagster's libraries that belong to it. */
export const dagsterLibraryVersion = '0.29.27';
/** Releases that are supported, as a semver range. */
export const supportedDagsterVersions = '>=1.13.0 <2.0.0';
/** Major and minor of the oldest of them. */
export const oldestDagsterVersion = [1, 13] as const;
/** Minor releases of dbt that the runtime is tested with. */
export const dbtCoreRequirement = 'dbt-core~=1.11.0';

/** dbt adapter packages with a lock of their own, by adapter type. */
export const adapterRequirements: Readonly<Record<string, string>> = {
  duckdb: 'dbt-duckdb==1.11.1',
  postgres: 'dbt-postgres==1.11.0',
};
