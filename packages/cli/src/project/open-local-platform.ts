import { InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import type { LocalPlatform, LocalPlatformOptions, OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import { platformHome, resolveHome } from './home-directory.js';
import { findManifest, projectDirectoryOf, type ManifestFile } from './product-files.js';

/** The local platform of one orchestrator, running or not. */
export interface OpenLocalPlatform {
  readonly name: string;
  readonly module: OrchestratorPluginModule;
  readonly platform: LocalPlatform;
  /** floe's home; the platform's own folder is in `options`. */
  readonly home: string;
  readonly options: LocalPlatformOptions;
}

/** Where the home of a command is. */
export function homeOf(context: CommandContext): string {
  const { environment, globals } = context;
  return resolveHome({
    option: globals.home,
    variables: environment.variables,
    workingDirectory: environment.directory,
    projectDirectory: projectDirectoryOf(context),
  });
}

/** Finds the plugin of `--orchestrator`, else of the manifest, and its local platform. */
export async function openLocalPlatform(
  context: CommandContext,
  choice: { readonly orchestrator?: string | undefined; readonly adapter?: string | undefined },
): Promise<OpenLocalPlatform> {
  const manifestFile = await findManifest(context).catch((error: unknown) => {
    // A broken product must not keep anybody from stopping a platform that is named.
    if (choice.orchestrator === undefined) throw error;
    return undefined;
  });
  const name = choice.orchestrator ?? orchestratorOf(manifestFile);
  const declared = manifestFile?.manifest.plugins.orchestrator;
  const packageName = declared?.type === name ? (declared.package ?? undefined) : undefined;
  const module = await context.services.loadOrchestratorPlugin(name, {
    from: projectDirectoryOf(context),
    ...(packageName !== undefined && { packageName }),
  });
  const home = homeOf(context);
  return {
    name,
    module,
    home,
    platform: requireLocalPlatform(module),
    options: localPlatformOptions(context, { name, home, adapter: choice.adapter ?? adapterOf(manifestFile) }),
  };
}

/** The options of a local platform; `binDirectory` is empty until an environment is needed. */
export function localPlatformOptions(
  context: CommandContext,
  { name, home, adapter }: { readonly name: string; readonly home: string; readonly adapter: string },
): LocalPlatformOptions {
  return {
    home: platformHome(home, name),
    binDirectory: '',
    adapter,
    log: (line) => {
      context.output.progress(context.output.progressStyles.dim(line));
    },
  };
}

/** The dbt adapter of a manifest, else duckdb. */
export function adapterOf(manifestFile: ManifestFile | undefined): string {
  return manifestFile?.manifest.plugins.compute?.type ?? 'duckdb';
}

function orchestratorOf(manifestFile: ManifestFile | undefined): string {
  const type = manifestFile?.manifest.plugins.orchestrator?.type;
  if (type !== undefined) return type;
  throw new InputError({
    code: 'USAGE',
    message:
      manifestFile === undefined
        ? 'There is no product here that would name an orchestrator.'
        : `${manifestFile.file} names no orchestrator.`,
    resolution:
      'Name one with --orchestrator, for example `floe platform start --orchestrator dagster`, or go to the folder of a floe.yaml.',
  });
}

function requireLocalPlatform(module: OrchestratorPluginModule): LocalPlatform {
  if (module.localPlatform !== undefined) return module.localPlatform;
  throw new PluginExecutionError({
    code: 'PLUGIN_INCOMPATIBLE',
    message: `The plugin ${module.metadata.name} has no local platform.`,
    resolution: 'Give the address of an orchestrator in plugins.orchestrator.config.url of the manifest.',
  });
}
