import type { PythonEnvironmentSpec } from '@floe/core/plugin-interfaces';
import { lockedEnvironment } from '@floe/core/python/locked-environment';
import { runtimeWheels } from '@floe/runtime';
import { pythonDirectory } from './prefect-loader.js';

const locks = { orchestrator: 'prefect', title: 'Prefect', folder: `${pythonDirectory}locks` };

/** The locked environment with Prefect, dbt and an adapter. @throws InputError for an adapter without a lock */
export function pythonEnvironment(adapter: string): PythonEnvironmentSpec {
  return lockedEnvironment(locks, adapter, { wheels: runtimeWheels(), oldestPython: 11 });
}
