import type { Problem } from '../errors/problem.js';
import type { KeyPath, Locator } from '../manifest/key-path.js';
import type { PlatformManifest } from '../manifest/platform-manifest.js';
import { isSecretKey } from '../manifest/secret-keys.js';
import { parseSecretReference } from '../secrets/secret-reference.js';

/** A dbt profiles.yml as data: profile name, then `{target, outputs: {<target>: settings}}`. */
export type DbtProfiles = Readonly<Record<string, DbtProfile>>;
export interface DbtProfile {
  readonly target: string;
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What the generated profile is made of. */
export interface ProfileInput {
  /** The profile that dbt_project.yml names. */
  readonly profile: string;
  readonly target: string;
  readonly productName: string;
  readonly compute: NonNullable<PlatformManifest['plugins']['compute']>;
  readonly locator: Locator;
  readonly threads: number;
}

/** Environment variable of the folder that holds relative DuckDB files. */
export const dataDirectoryVariable = 'FLOE_DATA_DIR';

/**
 * The dbt profile of `plugins.compute`. Secrets appear as `env_var()` only, `{product_slug}` and `{product_name}` are
 * expanded, relative DuckDB paths are below FLOE_DATA_DIR.
 */
export function generateProfiles(input: ProfileInput): {
  readonly profiles: DbtProfiles;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const { type } = input.compute;
  const config = input.compute.config ?? {};
  const settings = objectEntries(config, ['plugins', 'compute', 'config'], input, problems);
  const defaults =
    type === 'duckdb'
      ? duckdbSettings(settings, input, problems)
      : type === 'postgres'
        ? postgresSettings(settings, input, problems)
        : settings;
  const output = { type, ...defaults, threads: defaults.threads ?? input.threads };
  return { profiles: { [input.profile]: { target: input.target, outputs: { [input.target]: output } } }, problems };
}

type Settings = Readonly<Record<string, unknown>>;

function objectEntries(config: Settings, path: KeyPath, input: ProfileInput, problems: Problem[]): Settings {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, converted(value, key, [...path, key], input, problems)]),
  );
}

function converted(value: unknown, key: string, path: KeyPath, input: ProfileInput, problems: Problem[]): unknown {
  if (typeof value === 'string') return convertedText(value, key, path, input, problems);
  if (Array.isArray(value)) return value.map((item, index) => converted(item, key, [...path, index], input, problems));
  if (typeof value === 'object' && value !== null) return objectEntries(value as Settings, path, input, problems);
  return value;
}

const numericSettings = new Set(['port', 'threads', 'connect_timeout', 'retries', 'keepalives_idle']);

function convertedText(text: string, key: string, path: KeyPath, input: ProfileInput, problems: Problem[]): string {
  if (/^(?:env|file|k8s):/u.test(text) && (text.startsWith('env:') || isSecretKey(key))) {
    const reference = parseSecretReference(text);
    if (reference.ok && reference.value.kind === 'env') {
      return `{{ env_var('${reference.value.name}')${numericSettings.has(key) ? ' | as_number' : ''} }}`;
    }
    problems.push({
      code: 'INVALID_VALUE',
      severity: 'error',
      message: reference.ok
        ? `dbt reads secrets from environment variables only; ${reference.value.kind}: cannot be used under plugins.compute.`
        : `This secret reference is not valid: ${reference.failure}.`,
      resolution:
        'Write env:NAME and give that variable to the process that runs dbt, for example from a mounted secret.',
      location: input.locator.locate(path),
    });
    return text;
  }
  const slug = input.productName.replaceAll('-', '_');
  return text.replaceAll('{product_slug}', slug).replaceAll('{product_name}', input.productName);
}

function duckdbSettings(settings: Settings, input: ProfileInput, problems: Problem[]): Settings {
  const { memory_limit: memoryLimit, path: givenPath, settings: givenSettings, ...rest } = settings;
  const path = typeof givenPath === 'string' ? givenPath : `${input.productName.replaceAll('-', '_')}.duckdb`;
  const problem = duckdbPathProblem(path, input.locator);
  if (problem !== undefined) problems.push(problem);
  const engine = {
    ...(typeof givenSettings === 'object' && givenSettings !== null && givenSettings),
    ...(memoryLimit !== undefined && memoryLimit !== null && { memory_limit: memoryLimit }),
  };
  return {
    path: isRelativeFile(path) ? `{{ env_var('${dataDirectoryVariable}') }}/${path.replace(/^\.\//u, '')}` : path,
    schema: 'main',
    ...rest,
    ...(Object.keys(engine).length > 0 && { settings: engine }),
  };
}

function isRelativeFile(path: string): boolean {
  return (
    !path.startsWith('/') && !path.startsWith(':') && !path.includes('{{') && !/^[A-Za-z][A-Za-z0-9+.-]*:/u.test(path)
  );
}

function duckdbPathProblem(path: string, locator: Locator): Problem | undefined {
  const location = locator.locate(['plugins', 'compute', 'config', 'path']);
  if (isRelativeFile(path) && path.split('/').includes('..')) {
    return {
      code: 'INVALID_VALUE',
      severity: 'error',
      message: 'A relative DuckDB path must stay inside the data folder; it must not contain "..".',
      resolution: 'Write a path without "..", or an absolute path.',
      location,
    };
  }
  if (path === ':memory:') {
    return {
      code: 'INVALID_VALUE',
      severity: 'warning',
      message: 'With the DuckDB path ":memory:" nothing is left after a run.',
      resolution: 'Give a file name to keep the data.',
      location,
    };
  }
  return undefined;
}

const postgresRequired = ['host', 'user', 'password', 'dbname'] as const;

function postgresSettings(settings: Settings, input: ProfileInput, problems: Problem[]): Settings {
  const { database, pass, username, ...rest } = settings;
  const named: Settings = {
    ...(database !== undefined && { dbname: database }),
    ...(pass !== undefined && { password: pass }),
    ...(username !== undefined && { user: username }),
    ...rest,
  };
  for (const key of postgresRequired) {
    if (named[key] !== undefined && named[key] !== null) continue;
    problems.push({
      code: 'MISSING_VALUE',
      severity: 'error',
      message: `plugins.compute.config.${key} is missing for PostgreSQL.`,
      resolution:
        key === 'password' ? 'Add "password: env:NAME" with the name of an environment variable.' : `Add ${key}.`,
      location: input.locator.locate(['plugins', 'compute', 'config', key]),
    });
  }
  return { port: 5432, schema: 'public', ...named };
}
