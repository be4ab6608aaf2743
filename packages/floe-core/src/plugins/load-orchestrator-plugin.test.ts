import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OrchestratorPluginModule } from '../plugin-interfaces.js';
import { loadOrchestratorPlugin } from './load-orchestrator-plugin.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-plugins-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Fake {
  readonly name?: string;
  readonly apiVersion?: string;
  /** Text of the module instead of a right one. */
  readonly text?: string;
  readonly exports?: unknown;
}

async function install(
  packageName: string,
  { name = 'fake', apiVersion = '1.0', text, exports = './index.js' }: Fake = {},
): Promise<void> {
  const directory = join(folder, 'node_modules', packageName);
  await mkdir(directory, { recursive: true });
  await writeFile(
    join(directory, 'package.json'),
    JSON.stringify({ name: packageName, version: '2.0.0', type: 'module', exports }),
  );
  await writeFile(join(directory, 'index.js'), text ?? rightModule(name, apiVersion));
}

function rightModule(name: string, apiVersion: string, more = ''): string {
  return `export const orchestratorPlugin = {
    metadata: { name: '${name}', version: '2.0.0', floeApiVersion: '${apiVersion}', description: '', orchestratorVersions: '>=1' },
    capabilities: { runLevelChecks: false, sensors: [], subset: true, retryFailed: true, cancel: true, localPlatform: false },
    configSchema: { safeParse: (data) => ({ success: true, data }) },
    create: () => ({}),
    ${more}
  };`;
}

function load(type: string, packageName?: string): Promise<OrchestratorPluginModule> {
  return loadOrchestratorPlugin(type, { from: folder, ...(packageName !== undefined && { packageName }) });
}

async function refusal(type: string, packageName?: string, loading = load(type, packageName)): Promise<string> {
  try {
    await loading;
  } catch (error) {
    const { code, message, resolution } = error as { code: string; message: string; resolution: string };
    return `${code}: ${message} ${resolution}`;
  }
  throw new TypeError('was loaded');
}

describe('loadOrchestratorPlugin', () => {
  it('loads @floe/plugin-<type> from the folder and from folders above', async () => {
    await install('@floe/plugin-fake');
    expect((await load('fake')).metadata.version).toBe('2.0.0');
    const below = join(folder, 'products', 'orders');
    await mkdir(below, { recursive: true });
    expect((await loadOrchestratorPlugin('fake', { from: below })).metadata.name).toBe('fake');
  });

  it('loads a package of another name', async () => {
    await install('@acme/floe-luigi', { name: 'luigi' });
    expect((await load('luigi', '@acme/floe-luigi')).metadata.name).toBe('luigi');
  });

  it.each([
    [{ import: './index.js' }],
    [{ '.': { types: './index.d.ts', node: { import: './index.js' } } }],
    [{ '.': { unknown: './no.js', default: './index.js' } }],
  ])('loads a package that exports %j', async (exports) => {
    await install('@floe/plugin-fake', { exports });
    expect((await load('fake')).metadata.name).toBe('fake');
  });

  it('loads a newer minor version of the interface, and keys that it does not know', async () => {
    await install('@floe/plugin-fake', { text: rightModule('fake', '1.9', 'more: 1,') });
    expect((await load('fake')).metadata.floeApiVersion).toBe('1.9');
  });

  it.each(['airflow', 'dagster', 'prefect'])('says how to install %s', async (type) => {
    // in this checkout every plugin is in reach
    const loading = loadOrchestratorPlugin(type, { from: folder, find: () => undefined });
    expect(await refusal(type, undefined, loading)).toBe(
      `PLUGIN_NOT_INSTALLED: The plugin for "${type}" is not installed (@floe/plugin-${type}). Install it: npm install @floe/plugin-${type}`,
    );
  });

  it('says how to install a package of another name', async () => {
    expect(await refusal('luigi', '@acme/floe-luigi')).toContain('npm install @acme/floe-luigi');
  });

  it('asks what was meant by an unknown word', async () => {
    expect(await refusal('dagstr')).toBe('PLUGIN_UNKNOWN: Unknown orchestrator "dagstr". Did you mean "dagster"?');
    await install('@floe/plugin-kestra', { name: 'kestra' });
    expect(await refusal('kestrel')).toContain('Did you mean "kestra"?');
    expect(await refusal('luigi')).toMatch(/PLUGIN_UNKNOWN: .* Known are airflow, dagster, kestra, prefect;/);
    expect(await refusal('../evil')).toContain('PLUGIN_UNKNOWN');
  });

  it.each(['./plugin.js', '/abs/plugin.js', '../x', 'https://host/x.js', 'node:fs', 'a/b', ''])(
    'takes no package name %j',
    async (packageName) => {
      expect(await refusal('fake', packageName)).toContain('INVALID_VALUE');
    },
  );

  it('refuses another major version of the interface, and says which side is old', async () => {
    await install('@floe/plugin-fake', { text: rightModule('fake', '2.0').replace('create:', 'make:') });
    expect(await refusal('fake')).toMatch(
      /PLUGIN_INCOMPATIBLE: .* interface 2\.0, this floe has 1\.0\. .*@floe\/cli@latest/,
    );
    await install('@acme/old', { apiVersion: '0.9' });
    expect(await refusal('fake', '@acme/old')).toContain('npm install @acme/old@latest');
  });

  it.each([
    ['nothing', 'export const x = 1;', 'exports no orchestratorPlugin'],
    ['no object', 'export const orchestratorPlugin = 5;', 'not as the interface says'],
    ['no create', rightModule('fake', '1.0').replace('create:', 'make:'), 'create: it must be a function'],
    ['no schema', rightModule('fake', '1.0').replace('safeParse:', 'parse:'), 'configSchema: it must be a zod schema'],
    ['a missing capability', rightModule('fake', '1.0').replace('subset: true,', ''), 'capabilities: subset'],
    ['half a local platform', rightModule('fake', '1.0', 'localPlatform: {},'), 'localPlatform: start'],
    ['another name', rightModule('other', '1.0'), 'it is the plugin "other", but the manifest names "fake"'],
    ['an error', 'throw new Error("broken\\nstack");', 'cannot be loaded (broken)'],
    ['a missing import', 'import "no-such-package-at-all";', 'cannot be loaded (Cannot find'],
    ['no JavaScript', 'export const = ;', 'cannot be loaded'],
  ])('refuses a module with %s', async (_name, text, reason) => {
    await install('@floe/plugin-fake', { text });
    const message = await refusal('fake');
    expect(message).toContain('PLUGIN_INCOMPATIBLE');
    expect(message).toContain(reason);
    expect(message).not.toContain('stack');
  });
});
