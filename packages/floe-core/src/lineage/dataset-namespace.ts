import { dataDirectoryVariable } from '../compile/profiles.js';

/** What decides where the tables of a product are. */
export interface DatasetLocation {
  /** dbt's adapter type. */
  readonly adapter: string;
  /** The output of the dbt profile; values may be `{{ env_var('NAME') }}`. */
  readonly connection: Readonly<Record<string, unknown>>;
  /** Name of the platform manifest. */
  readonly platform: string;
  readonly environment: string;
}

/**
 * Namespace of datasets by the naming rules of OpenLineage. DuckDB files get a logical name, never their path, which
 * would show a home folder. `env_var()` stays in it, for whoever knows the variable.
 */
export function datasetNamespace({ adapter, connection, platform, environment }: DatasetLocation): string {
  const text = (key: string): string | undefined => {
    const value = connection[key];
    return typeof value === 'string' || typeof value === 'number' ? withoutUser(String(value)) : undefined;
  };
  switch (adapter) {
    case 'duckdb':
      return duckdbNamespace(text('path') ?? '', platform, environment);
    case 'bigquery':
      return 'bigquery';
    case 'snowflake':
      return `snowflake://${text('account') ?? platform}`;
    case 'databricks':
      return `databricks://${text('host') ?? platform}`;
    default: {
      const host = text('host');
      const port = text('port') ?? defaultPorts[adapter];
      if (host === undefined) return `${adapter}://${platform}/${environment}`;
      return `${adapter}://${host}${port === undefined ? '' : `:${port}`}`;
    }
  }
}

const defaultPorts: Readonly<Record<string, string>> = { postgres: '5432', redshift: '5439', trino: '8080' };

function duckdbNamespace(path: string, platform: string, environment: string): string {
  const name = path
    .replace(/[?#].*$/u, '')
    .replace(`{{ env_var('${dataDirectoryVariable}') }}/`, '')
    .split('/')
    .at(-1);
  if (name?.startsWith('md:') === true) return `duckdb://motherduck/${name.slice(3) || 'my_db'}`;
  const stem = name?.replace(/^:memory:.*$/u, 'memory').replace(/\.[A-Za-z0-9]+$/u, '');
  const safe = stem?.replace(/[^\w.-]+/gu, '_') ?? '';
  return `duckdb://${platform}/${environment}/${safe === '' ? 'memory' : safe}`;
}

/** User and password do not belong to a name. */
function withoutUser(text: string): string {
  return text.replace(/^(?:[a-z+]+:\/\/)?[^@/]*@/u, '');
}
