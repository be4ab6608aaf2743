import type { PlatformManifest } from '@floe/core/manifest/platform-manifest';
import { findPluginNames } from '@floe/core/plugins/find-package';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from '../command-context.js';
import { toFloeError } from '../output/to-floe-error.js';
import { projectDirectoryOf } from './product-files.js';

/** One plugin package that was found. */
export interface InstalledPlugin {
  /** The word for plugins.orchestrator.type. */
  readonly name: string;
  readonly package: string;
  readonly version: string | null;
  readonly orchestratorVersions: string | null;
  /** `used here`, `usable`, or `refused: <reason>`. */
  readonly state: string;
}

/** Plugins in reach of the project and of this command, and the package that the manifest names itself. */
export async function findInstalledPlugins(
  context: CommandContext,
  manifest: PlatformManifest | undefined,
): Promise<InstalledPlugin[]> {
  const folders = [projectDirectoryOf(context), dirname(fileURLToPath(import.meta.url))];
  const names = await findPluginNames(folders);
  const used = manifest?.plugins.orchestrator ?? undefined;
  const candidates = names.map((name) => ({ name, packageName: `@floe/plugin-${name}` }));
  if (used?.package !== undefined && used.package !== null)
    candidates.push({ name: used.type, packageName: used.package });
  return Promise.all(candidates.map((candidate) => describe(context, candidate, used?.type === candidate.name)));
}

async function describe(
  context: CommandContext,
  { name, packageName }: { readonly name: string; readonly packageName: string },
  isUsed: boolean,
): Promise<InstalledPlugin> {
  try {
    const from = projectDirectoryOf(context);
    const { metadata } = await context.services.loadOrchestratorPlugin(name, { from, packageName });
    const { version, orchestratorVersions } = metadata;
    return { name, package: packageName, version, orchestratorVersions, state: isUsed ? 'used here' : 'usable' };
  } catch (error) {
    const { message } = toFloeError(error);
    return { name, package: packageName, version: null, orchestratorVersions: null, state: `refused: ${message}` };
  }
}
