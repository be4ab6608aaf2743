/** The release that the locks, the tests and the images use. */
export const airflowVersion = '3.3.2';
/** Releases that are supported, as a semver range. */
export const supportedAirflowVersions = '>=3.3.0 <4.0.0';
/** Major and minor of the oldest of them that can be driven. */
export const oldestAirflowVersion = [3, 3] as const;
/** Minor releases of dbt that the runtime is tested with. */
export const dbtCoreRequirement = 'dbt-core~=1.11.0';

/** dbt adapter packages with a lock of their own, by adapter type. */
export const adapterRequirements: Readonly<Record<string, string>> = {
  duckdb: 'dbt-duckdb==1.11.1',
  postgres: 'dbt-postgres==1.11.0',
};
