import { join } from 'node:path';
import { lockedAdapters } from '../dbt/dbt-requirements.js';
import { InputError } from '../errors/floe-error.js';
import type { PythonEnvironmentSpec } from '../plugin-interfaces.js';

/** Where a plugin has its locks. */
export interface PluginLocks {
  /** The orchestrator's word in manifest.yaml, with which the names of the locks begin. */
  readonly orchestrator: string;
  /** The orchestrator, as people write it. */
  readonly title: string;
  readonly folder: string;
}

/**
 * The Python environment with an orchestrator, dbt and an adapter, from a lock that the plugin ships.
 * @throws InputError INVALID_VALUE for an adapter without a lock
 */
export function lockedEnvironment(
  { orchestrator, title, folder }: PluginLocks,
  adapter: string,
  rest: Omit<PythonEnvironmentSpec, 'name' | 'lockFile'>,
): PythonEnvironmentSpec {
  if (!lockedAdapters.includes(adapter)) {
    throw new InputError({
      code: 'INVALID_VALUE',
      message: `The ${title} plugin has no locked Python environment for the dbt adapter "${adapter}".`,
      resolution: `Use one of ${lockedAdapters.join(', ')}, or make a lock with \`floe platform lock\`.`,
    });
  }
  const name = `${orchestrator}-${adapter}`;
  return { name, lockFile: join(folder, `${name}.txt`), ...rest };
}
