import type { Problem } from '../errors/problem.js';
import type { KeyPath, Locator } from './key-path.js';

const connectionKeys = new Set([
  'database',
  'schema',
  'host',
  'port',
  'username',
  'password',
  'credentials',
  'connection_string',
  'endpoint',
  'access_key',
  'secret_key',
  'token',
  'api_key',
]);

/** Sections whose keys are names chosen by the user, or where the word has another meaning. */
const freeSections = new Set(['metadata.labels', 'outputPorts', 'dbt.vars']);

/** Connection settings inside floe.yaml, at any depth: they belong to the platform manifest. */
export function findForbiddenKeys(value: unknown, locator: Locator): Problem[] {
  const problems: Problem[] = [];
  const visit = (current: unknown, path: KeyPath): void => {
    if (typeof current !== 'object' || current === null) return;
    if (freeSections.has(path.join('.'))) return;
    for (const [key, child] of Array.isArray(current) ? current.entries() : Object.entries(current)) {
      const childPath = [...path, key];
      if (typeof key === 'string' && connectionKeys.has(key)) {
        problems.push({
          code: 'UNKNOWN_KEY',
          severity: 'error',
          message: `"${key}" is a connection setting and not allowed in floe.yaml.`,
          resolution: 'Set it in manifest.yaml under plugins; floe.yaml stays the same in every environment.',
          location: locator.locate(childPath, 'key'),
        });
      }
      visit(child, childPath);
    }
  };
  visit(value, []);
  return problems;
}
