import { InputError } from '@floe/core/errors/floe-error';
import type { PythonEnvironmentSpec } from '@floe/core/plugin-interfaces';
import { runtimeWheels } from '@floe/runtime';
import { pythonDirectory } from './airflow-loader.js';
import { adapterRequirements } from './airflow-versions.js';

/** The locked environment with Airflow, dbt and an adapter. @throws InputError for an adapter without a lock */
export function pythonEnvironment(adapter: string): PythonEnvironmentSpec {
  if (!Object.hasOwn(adapterRequirements, adapter)) {
    throw new InputError({
      code: 'INVALID_VALUE',
      message: `The Airflow plugin has no locked Python environment for the dbt adapter "${adapter}".`,
      resolution: `Use one of ${Object.keys(adapterRequirements).join(', ')}, or make a lock with \`floe platform lock\`.`,
    });
  }
  return {
    name: `airflow-${adapter}`,
    lockFile: `${pythonDirectory}locks/airflow-${adapter}.txt`,
    wheels: runtimeWheels(),
  };
}
