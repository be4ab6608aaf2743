import { floeApiVersion, type PluginCapabilities, type PluginMetadata } from '@floe/core/plugin-interfaces';
import { knownAirflowVersions } from './airflow-versions.js';

/** Who the plugin is. */
export const airflowMetadata: PluginMetadata = {
  name: 'airflow',
  version: '0.1.0',
  floeApiVersion,
  description: 'Runs floe products on Airflow 3.',
  orchestratorVersions: knownAirflowVersions.supported,
};

/** What it can do. */
export const airflowCapabilities: PluginCapabilities = {
  runLevelChecks: true,
  sensors: ['product_succeeded', 'asset_updated', 'file_changed', 'http_ready'],
  subset: true,
  retryFailed: true,
  cancel: true,
  localPlatform: true,
};
