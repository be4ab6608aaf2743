import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { prefectConfigSchema } from './prefect-config.js';
import { createLocalPrefect } from './prefect-local.js';
import { prefectCapabilities, prefectMetadata } from './prefect-metadata.js';
import { PrefectPlugin } from './prefect-plugin.js';
import { pythonEnvironment } from './prefect-python-environment.js';

export { PrefectPlugin } from './prefect-plugin.js';
export { prefectConfigSchema, type PrefectConfig } from './prefect-config.js';

/** What the `floe` command loads for `type: prefect`. */
export const orchestratorPlugin: OrchestratorPluginModule = {
  metadata: prefectMetadata,
  capabilities: prefectCapabilities,
  configSchema: prefectConfigSchema,
  create: (context) => new PrefectPlugin(context),
  pythonEnvironment,
  localPlatform: createLocalPrefect(),
};
