import type { DbtProfiles } from '../compile/profiles.js';
import { isSecretKey } from '../manifest/secret-keys.js';

/**
 * Values for the secret variables of a profile that the environment does not have. Only for parsing, which does not
 * connect; settings that shape relation names (schema, database) get none, so that dbt reports them as missing.
 */
export function placeholderEnvironment(
  profiles: DbtProfiles,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const placeholders: Record<string, string> = {};
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [childKey, child] of Object.entries(value)) visit(child, childKey);
    } else if (typeof value === 'string' && isSecretKey(key)) {
      for (const [, name] of value.matchAll(/env_var\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]/gu)) {
        if (name !== undefined && environment[name] === undefined) placeholders[name] = 'not-set-while-parsing';
      }
    }
  };
  visit(profiles, '');
  return placeholders;
}
