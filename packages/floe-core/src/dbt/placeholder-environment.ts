import type { DbtProfiles } from '../compile/profiles.js';

/** Settings that shape the names of relations: dbt has to report it when their variable is missing. */
const namingSettings = new Set(['schema', 'database', 'dbname', 'path', 'catalog', 'project', 'dataset', 'attach']);

/**
 * Values for the variables of a profile that the environment does not have. Only for parsing, which does not connect:
 * host, user, password and the like may be known only where dbt runs. A number is given where one is read.
 */
export function placeholderEnvironment(
  profiles: DbtProfiles,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const placeholders: Record<string, string> = {};
  const visit = (value: unknown, key: string): void => {
    if (namingSettings.has(key)) return;
    if (typeof value === 'object' && value !== null) {
      for (const [childKey, child] of Object.entries(value)) visit(child, childKey);
    } else if (typeof value === 'string') {
      for (const [, name, filter] of value.matchAll(variablePattern)) {
        if (name === undefined || environment[name] !== undefined) continue;
        placeholders[name] = filter === undefined ? 'not-set-while-parsing' : '1';
      }
    }
  };
  visit(profiles, '');
  return placeholders;
}

const variablePattern = /env_var\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]\s*\)(?:\s*\|\s*(as_number|int))?/gu;
