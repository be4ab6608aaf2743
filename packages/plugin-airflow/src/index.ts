import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { airflowConfigSchema } from './airflow-config.js';
import { createLocalAirflow } from './airflow-local.js';
import { airflowCapabilities, airflowMetadata } from './airflow-metadata.js';
import { AirflowPlugin } from './airflow-plugin.js';
import { pythonEnvironment } from './airflow-python-environment.js';

export { AirflowPlugin } from './airflow-plugin.js';
export { airflowConfigSchema, type AirflowConfig } from './airflow-config.js';

/** What the `floe` command loads for `type: airflow`. */
export const orchestratorPlugin: OrchestratorPluginModule = {
  metadata: airflowMetadata,
  capabilities: airflowCapabilities,
  configSchema: airflowConfigSchema,
  create: (context) => new AirflowPlugin(context),
  pythonEnvironment,
  localPlatform: createLocalAirflow(),
};
