import type { PlatformManifest } from '@floe/core/manifest/platform-manifest';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from '../command-context.js';
import { toFloeError } from '../output/to-floe-error.js';
import { projectDirectoryOf } from './product-files.js';

/** One plugin package that was found. */
export interface InstalledPlugin {
  /** The word for plugins.orchestrator.type. */
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly orchestratorVersions: string | null;
  /** `used here`, `usable`, or `refused: <reason>`. */
  readonly state: string;
}

const scope = '@floe';
const prefix = 'plugin-';

/** Plugins in the node_modules folders that are in reach of the project and of this command, and the manifest's own package. */
export async function findInstalledPlugins(
  context: CommandContext,
  manifest: PlatformManifest | undefined,
): Promise<InstalledPlugin[]> {
  const project = projectDirectoryOf(context);
  const folders = [...moduleFolders(project), ...moduleFolders(dirname(fileURLToPath(import.meta.url)))];
  const used = manifest?.plugins.orchestrator ?? undefined;
  const names = new Set((await Promise.all(folders.map(pluginNames))).flat());
  const candidates = [...names].sort().map((name) => ({ name, packageName: `${scope}/${prefix}${name}` }));
  if (used?.package !== undefined && used.package !== null)
    candidates.push({ name: used.type, packageName: used.package });
  return Promise.all(
    candidates.map(({ name, packageName }) =>
      describe(context, { name, packageName, folders, isUsed: used?.type === name }),
    ),
  );
}

async function describe(
  context: CommandContext,
  {
    name,
    packageName,
    folders,
    isUsed,
  }: {
    readonly name: string;
    readonly packageName: string;
    readonly folders: readonly string[];
    readonly isUsed: boolean;
  },
): Promise<InstalledPlugin> {
  const version = await versionOf(packageName, folders);
  try {
    const { metadata } = await context.services.loadOrchestratorPlugin(name, {
      from: projectDirectoryOf(context),
      packageName,
    });
    return {
      name,
      package: packageName,
      version: metadata.version,
      orchestratorVersions: metadata.orchestratorVersions,
      state: isUsed ? 'used here' : 'usable',
    };
  } catch (error) {
    return {
      name,
      package: packageName,
      version,
      orchestratorVersions: null,
      state: `refused: ${toFloeError(error).message}`,
    };
  }
}

async function pluginNames(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, scope)).catch(() => []);
  return entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
}

async function versionOf(packageName: string, folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    try {
      const { version } = JSON.parse(await readFile(join(folder, packageName, 'package.json'), 'utf8')) as {
        readonly version?: unknown;
      };
      if (typeof version === 'string') return version;
    } catch {
      continue;
    }
  }
  return '';
}

/** node_modules of a folder and of its parents, nearest first. */
function moduleFolders(directory: string): string[] {
  const folders: string[] = [];
  for (let current = resolve(directory); ; current = dirname(current)) {
    folders.push(join(current, 'node_modules'));
    if (dirname(current) === current) return folders;
  }
}
