import { FloeError, InputError } from '@floe/core/errors/floe-error';
import type { SourceLocation } from '@floe/core/errors/problem';
import type { PlatformManifest } from '@floe/core/manifest/platform-manifest';
import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { checkApproval } from '@floe/core/plugins/check-approval';
import type { CommandContext } from '../command-context.js';
import { projectDirectoryOf, type ManifestFile } from './product-files.js';

/** The plugin of a manifest and what the manifest says about it. */
export interface LoadedPlugin {
  readonly module: OrchestratorPluginModule;
  readonly selection: NonNullable<PlatformManifest['plugins']['orchestrator']>;
}

/** Loads the orchestrator plugin that a manifest names, if it is approved. @throws InputError PLUGIN_* */
export async function loadPlugin(
  context: CommandContext,
  { file, manifest, locator }: ManifestFile,
): Promise<LoadedPlugin> {
  const selection = manifest.plugins.orchestrator;
  if (selection === undefined || selection === null) {
    throw new InputError({
      code: 'MISSING_VALUE',
      message: `${file} has no plugins.orchestrator.`,
      resolution: 'Add plugins.orchestrator.type to the manifest, for example "dagster".',
    });
  }
  checkApproval(manifest, locator);
  const { type, package: packageName } = selection;
  try {
    const module = await context.services.loadOrchestratorPlugin(type, {
      from: projectDirectoryOf(context),
      ...(packageName !== undefined && packageName !== null && { packageName }),
    });
    return { module, selection };
  } catch (error) {
    throw locate(error, locator.locate(['plugins', 'orchestrator', packageName ? 'package' : 'type']));
  }
}

/** The loader does not know the manifest; here the place that names the plugin is added. */
function locate(error: unknown, location: SourceLocation): unknown {
  if (!FloeError.isInstance(error) || error.category !== 'input' || error.problems.length > 0) return error;
  const { code, message, resolution } = error;
  return InputError.fromProblems([{ code, severity: 'error', message, resolution, location }]);
}
