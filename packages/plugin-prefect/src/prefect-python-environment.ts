import { InputError } from '@floe/core/errors/floe-error';
import type { PythonEnvironmentSpec } from '@floe/core/plugin-interfaces';
import { runtimeWheels } from '@floe/runtime';
import { pythonDirectory } from './prefect-loader.js';
import { adapterRequirements } from './prefect-versions.js';

/** The locked environment with Prefect, dbt and an adapter. @throws InputError for an adapter without a lock */
export function pythonEnvironment(adapter: string): PythonEnvironmentSpec {
  if (!Object.hasOwn(adapterRequirements, adapter)) {
    throw new InputError({
      code: 'INVALID_VALUE',
      message: `The Prefect plugin has no locked Python environment for the dbt adapter "${adapter}".`,
      resolution: `Use one of ${Object.keys(adapterRequirements).join(', ')}, or make a lock with \`floe platform lock\`.`,
    });
  }
  return {
    name: `prefect-${adapter}`,
    lockFile: `${pythonDirectory}locks/prefect-${adapter}.txt`,
    wheels: runtimeWheels(),
    oldestPython: 11,
  };
}
