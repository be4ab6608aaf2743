import { floeApiVersion, type PluginCapabilities, type PluginMetadata } from '@floe/core/plugin-interfaces';
import { knownPrefectVersions } from './prefect-versions.js';

/** Who the plugin is. */
export const prefectMetadata: PluginMetadata = {
  name: 'prefect',
  version: '0.1.0',
  floeApiVersion,
  description: 'Runs floe products on Prefect.',
  orchestratorVersions: knownPrefectVersions.supported,
};

/** What it can do. */
export const prefectCapabilities: PluginCapabilities = {
  runLevelChecks: true,
  sensors: ['product_succeeded', 'asset_updated', 'file_changed', 'http_ready'],
  subset: true,
  retryFailed: true,
  cancel: true,
  localPlatform: true,
};
