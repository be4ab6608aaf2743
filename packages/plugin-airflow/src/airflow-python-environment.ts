import type { PythonEnvironmentSpec } from '@floe/core/plugin-interfaces';
import { lockedEnvironment } from '@floe/core/python/locked-environment';
import { runtimeWheels } from '@floe/runtime';
import { pythonDirectory } from './airflow-loader.js';

const locks = { orchestrator: 'airflow', title: 'Airflow', folder: `${pythonDirectory}locks` };

/** The locked environment with Airflow, dbt and an adapter. @throws InputError for an adapter without a lock */
export function pythonEnvironment(adapter: string): PythonEnvironmentSpec {
  return lockedEnvironment(locks, adapter, { wheels: runtimeWheels() });
}
