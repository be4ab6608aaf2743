import { InputError } from '@floe/core/errors/floe-error';
import { checkPluginConfig } from '@floe/core/plugins/plugin-config';
import type { LocalPlatformState, OrchestratorPlugin, OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import { loadPlugin } from './load-plugin.js';
import { adapterOf, homeOf, localPlatformOptions } from './open-local-platform.js';
import type { ManifestFile } from './product-files.js';
import { createSecrets } from '../secrets/create-secrets.js';
import { timeLimits } from './time-limits.js';

export interface OpenOptions {
  /** True when the command talks to the orchestrator: there must be an address or a running local platform. */
  readonly connect: boolean;
  /** `--local`. */
  readonly local?: boolean;
}

/** The orchestrator of a manifest, ready for calls. */
export interface Orchestrator {
  readonly name: string;
  readonly module: OrchestratorPluginModule;
  readonly plugin: OrchestratorPlugin;
  /** Where it is, for people. */
  readonly address: string;
  /** The local platform, when that is used. */
  readonly local: LocalPlatformState | undefined;
  /** True when deploying only writes files to a folder, so that `floe run` does it by itself. */
  readonly deliversToFolder: boolean;
}

/**
 * Opens the orchestrator that a manifest names. `url` in the manifest wins unless `--local`; without a `url` the local
 * platform is used when it runs.
 * @throws InputError PLUGIN_NOT_INSTALLED, PLUGIN_NOT_APPROVED, PLUGIN_CONFIG_INVALID, LOCAL_PLATFORM_NOT_RUNNING
 */
export async function openOrchestrator(
  context: CommandContext,
  manifestFile: ManifestFile,
  options: OpenOptions,
): Promise<Orchestrator> {
  const { module, selection } = await loadPlugin(context, manifestFile);
  const declared = selection.config ?? {};
  const url = addressOf(declared);
  const wantsLocal = options.local === true || (url === undefined && options.connect);
  const local = wantsLocal ? await requireLocal(context, module, manifestFile) : undefined;
  const config = checkPluginConfig(module, effectiveConfig(declared, local), manifestFile.locator);
  const { environment, redactor, services } = context;
  const plugin = module.create({
    config,
    connectionSecretRef: local === undefined ? (selection.connection_secret_ref ?? null) : null,
    secrets: createSecrets(context),
    http: await services.createHttpClient(),
    clock: environment.clock,
    random: environment.random,
    redactor,
    log: (line) => {
      context.output.progress(context.output.progressStyles.dim(line));
    },
  });
  return {
    name: selection.type,
    module,
    plugin,
    address: local?.url ?? url ?? 'no address yet',
    local,
    deliversToFolder: local !== undefined || deliversToFolder(config),
  };
}

async function requireLocal(
  context: CommandContext,
  module: OrchestratorPluginModule,
  manifestFile: ManifestFile,
): Promise<LocalPlatformState> {
  const { name } = module.metadata;
  const options = localPlatformOptions(context, { name, home: homeOf(context), adapter: adapterOf(manifestFile) });
  const state = await module.localPlatform?.status(options, {
    signal: context.signal,
    timeoutMs: timeLimits.platformStatus,
  });
  if (state !== undefined) return state;
  const hasAddress = addressOf(manifestFile.manifest.plugins.orchestrator?.config ?? {}) !== undefined;
  throw new InputError({
    code: 'LOCAL_PLATFORM_NOT_RUNNING',
    message: `No local ${name} runs${hasAddress ? '' : ', and the manifest gives no address of another one'}.`,
    resolution: `Start it with \`floe platform start\`${hasAddress ? ', or leave --local out.' : ', or set plugins.orchestrator.config.url in the manifest.'}`,
    context: { manifest: manifestFile.file },
  });
}

/** Settings for an orchestrator with a `url` (headers, certificates) do not go to the local one. */
function effectiveConfig(
  declared: Readonly<Record<string, unknown>>,
  local: LocalPlatformState | undefined,
): Readonly<Record<string, unknown>> {
  if (local === undefined) return declared;
  return addressOf(declared) === undefined ? { ...declared, ...local.config } : local.config;
}

function addressOf(config: Readonly<Record<string, unknown>>): string | undefined {
  const { url } = config;
  return typeof url === 'string' && url !== '' ? url : undefined;
}

function deliversToFolder(config: unknown): boolean {
  if (typeof config !== 'object' || config === null || !('delivery' in config)) return false;
  const { delivery } = config;
  return typeof delivery === 'object' && delivery !== null && 'kind' in delivery && delivery.kind === 'directory';
}
