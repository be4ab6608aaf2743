/** Minor releases of dbt that the runtime is tested with. */
const dbtCoreRequirement = 'dbt-core~=1.11.0';

/** dbt adapter packages that every plugin has a lock for, by adapter type. */
const adapterRequirements: Readonly<Record<string, string>> = {
  duckdb: 'dbt-duckdb==1.11.1',
  postgres: 'dbt-postgres==1.11.0',
};

/** Adapters that every plugin has a lock for. */
export const lockedAdapters: readonly string[] = Object.keys(adapterRequirements);

/** What a requirements file needs for dbt with an adapter. */
export function dbtRequirements(adapter: string): readonly string[] {
  return [dbtCoreRequirement, adapterRequirements[adapter] ?? `dbt-${adapter}`];
}
