import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { didYouMean } from '../errors/did-you-mean.js';
import { InputError } from '../errors/floe-error.js';
import { floeApiVersion, type OrchestratorPluginModule } from '../plugin-interfaces.js';
import { findPackage, findPluginNames } from './find-package.js';
import { pluginShape } from './plugin-shape.js';
import { publishedPlugins } from './published-plugins.js';

export interface LoadPluginOptions {
  /** The product's folder: what is installed there comes first. */
  readonly from: string;
  /** plugins.orchestrator.package of manifest.yaml; default `@floe/plugin-<type>`. */
  readonly packageName?: string;
  /** Path of the main module of a package in reach of a folder; default: as Node finds it. */
  readonly find?: (packageName: string, folder: string) => string | undefined;
}

const packagePattern = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * Finds and loads an orchestrator plugin, from the product's folder or from where the `floe` command is installed.
 * @param type plugins.orchestrator.type of manifest.yaml
 * @throws InputError PLUGIN_NOT_INSTALLED, PLUGIN_UNKNOWN, PLUGIN_INCOMPATIBLE, or INVALID_VALUE for a bad package name
 */
export async function loadOrchestratorPlugin(
  type: string,
  { from, packageName, find = findPackage }: LoadPluginOptions,
): Promise<OrchestratorPluginModule> {
  const name = packageName ?? `@floe/plugin-${type}`;
  if (!packagePattern.test(name)) throw badPackageName(type, packageName);
  const folders = [from, ...commandFolders()];
  const file = folders.map((folder) => find(name, folder)).find((found) => found !== undefined);
  if (file === undefined) throw await notFound(type, name, packageName !== undefined, folders);

  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw incompatible(name, `it cannot be loaded (${firstLine(error)})`, `Install it again: npm install ${name}`);
  }
  return checkModule(loaded, type, name);
}

/** Where this package lies, and where the script of the running command lies. */
function commandFolders(): string[] {
  const folders = [dirname(fileURLToPath(import.meta.url))];
  const script = process.argv[1];
  if (script === undefined) return folders;
  try {
    return [dirname(realpathSync(script)), ...folders];
  } catch {
    return folders;
  }
}

function checkModule(loaded: unknown, type: string, name: string): OrchestratorPluginModule {
  if (typeof loaded !== 'object' || loaded === null || !('orchestratorPlugin' in loaded)) {
    throw incompatible(name, 'it exports no orchestratorPlugin', 'Check that this package is a floe plugin.');
  }
  const module = loaded.orchestratorPlugin;
  const version = apiVersionOf(module);
  if (version !== undefined && majorOf(version) !== majorOf(floeApiVersion)) {
    const older = Number(majorOf(version)) < Number(majorOf(floeApiVersion));
    throw incompatible(
      name,
      `it is made for plugin interface ${version}, this floe has ${floeApiVersion}`,
      older
        ? `Install a newer version: npm install ${name}@latest`
        : 'Install a newer version of floe: npm install @floe/cli@latest',
    );
  }
  const shape = pluginShape.safeParse(module);
  const issue = shape.error?.issues[0];
  if (issue !== undefined) {
    throw incompatible(
      name,
      `its export orchestratorPlugin is not as the interface says: ${[...issue.path.map(String), issue.message].join(': ')}`,
      `Install a version that fits plugin interface ${floeApiVersion}.`,
    );
  }
  const checked = module as OrchestratorPluginModule;
  if (checked.metadata.name !== type) {
    throw incompatible(
      name,
      `it is the plugin "${checked.metadata.name}", but the manifest names "${type}"`,
      `Set plugins.orchestrator.type to "${checked.metadata.name}", or name another package.`,
    );
  }
  return checked;
}

function apiVersionOf(module: unknown): string | undefined {
  if (typeof module !== 'object' || module === null || !('metadata' in module)) return undefined;
  const { metadata } = module;
  if (typeof metadata !== 'object' || metadata === null || !('floeApiVersion' in metadata)) return undefined;
  return typeof metadata.floeApiVersion === 'string' ? metadata.floeApiVersion : undefined;
}

function majorOf(version: string): string {
  return version.split('.')[0] ?? '';
}

async function notFound(type: string, name: string, isNamed: boolean, folders: readonly string[]): Promise<InputError> {
  const installed = await findPluginNames(folders);
  const context = { type, package: name };
  if (isNamed || publishedPlugins.includes(type) || installed.includes(type)) {
    return new InputError({
      code: 'PLUGIN_NOT_INSTALLED',
      message: `The plugin for "${type}" is not installed (${name}).`,
      resolution: `Install it: npm install ${name}`,
      context,
    });
  }
  const known = [...new Set([...publishedPlugins, ...installed])].sort();
  const list = `Known are ${known.join(', ')}; for a plugin of somebody else name its package in plugins.orchestrator.package.`;
  return new InputError({
    code: 'PLUGIN_UNKNOWN',
    message: `Unknown orchestrator "${type}".`,
    resolution: didYouMean(type, known, list),
    context,
  });
}

function badPackageName(type: string, packageName: string | undefined): InputError {
  if (packageName === undefined) {
    return new InputError({
      code: 'PLUGIN_UNKNOWN',
      message: `Unknown orchestrator "${type}".`,
      resolution: didYouMean(type, publishedPlugins, `Known are ${publishedPlugins.join(', ')}.`),
      context: { type },
    });
  }
  return new InputError({
    code: 'INVALID_VALUE',
    message: `plugins.orchestrator.package "${packageName}" is not the name of an npm package.`,
    resolution:
      'Write the name as in package.json, for example @acme/floe-plugin-x; paths and addresses are not taken.',
    context: { type },
  });
}

function incompatible(name: string, reason: string, resolution: string): InputError {
  return new InputError({
    code: 'PLUGIN_INCOMPATIBLE',
    message: `The plugin ${name} cannot be used: ${reason}.`,
    resolution,
    context: { package: name },
  });
}

function firstLine(error: unknown): string {
  const text = types.isNativeError(error) ? error.message : String(error);
  return (text.split(/\r?\n/)[0] ?? '').slice(0, 200);
}
