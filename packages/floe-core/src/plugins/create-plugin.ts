import type { Locator } from '../manifest/key-path.js';
import type { OrchestratorPlugin, OrchestratorPluginModule, PluginContext } from '../plugin-interfaces.js';
import { checkPluginConfig } from './plugin-config.js';

/** Everything of a PluginContext that does not come from the manifest. */
export type PluginServices = Omit<PluginContext, 'config' | 'connectionSecretRef'>;

/** What the manifest says about the orchestrator. */
export interface PluginSettings {
  /** plugins.orchestrator.config. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
  /** plugins.orchestrator.connection_secret_ref. */
  readonly connectionSecretRef?: string | null | undefined;
  /** Finds the keys of the manifest, for problems. */
  readonly locator?: Locator;
}

/** Makes a plugin with checked settings. @throws InputError PLUGIN_CONFIG_INVALID */
export function createPlugin(
  module: OrchestratorPluginModule,
  settings: PluginSettings,
  services: PluginServices,
): OrchestratorPlugin {
  const { secrets, http, clock, random, redactor, log } = services;
  return module.create({
    config: checkPluginConfig(module, settings.config ?? {}, settings.locator),
    connectionSecretRef: settings.connectionSecretRef ?? null,
    secrets,
    http,
    clock,
    random,
    redactor,
    log,
  });
}
