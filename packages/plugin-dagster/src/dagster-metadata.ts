import { floeApiVersion, type PluginCapabilities, type PluginMetadata } from '@floe/core/plugin-interfaces';
import { knownDagsterVersions } from './dagster-versions.js';

/** Who the plugin is. */
export const dagsterMetadata: PluginMetadata = {
  name: 'dagster',
  version: '0.1.0',
  floeApiVersion,
  description: 'Runs floe products on Dagster.',
  orchestratorVersions: knownDagsterVersions.supported,
};

/** What it can do. */
export const dagsterCapabilities: PluginCapabilities = {
  runLevelChecks: true,
  sensors: ['product_succeeded', 'asset_updated', 'file_changed', 'http_ready'],
  subset: true,
  retryFailed: true,
  cancel: true,
  localPlatform: true,
};
