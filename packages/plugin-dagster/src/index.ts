import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { dagsterConfigSchema } from './dagster-config.js';
import { createLocalDagster } from './dagster-local.js';
import { dagsterCapabilities, dagsterMetadata } from './dagster-metadata.js';
import { DagsterPlugin } from './dagster-plugin.js';
import { pythonEnvironment } from './dagster-python-environment.js';

export { DagsterPlugin } from './dagster-plugin.js';
export { dagsterConfigSchema, type DagsterConfig } from './dagster-config.js';

/** What the `floe` command loads for `type: dagster`. */
export const orchestratorPlugin: OrchestratorPluginModule = {
  metadata: dagsterMetadata,
  capabilities: dagsterCapabilities,
  configSchema: dagsterConfigSchema,
  create: (context) => new DagsterPlugin(context),
  pythonEnvironment,
  localPlatform: createLocalDagster(),
};
