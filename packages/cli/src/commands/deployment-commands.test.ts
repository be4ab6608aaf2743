import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InputError } from '@floe/core/errors/floe-error';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakePlugin } from '../../tests/support/fake-plugin.js';
import { runCli } from '../../tests/support/run-cli.js';

const config = '{url: "http://127.0.0.1:3000"}';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-deployment-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('floe compile', () => {
  it('writes the artifacts and counts what the orchestrator gets, without an address', async () => {
    const file = join(folder, 'artifacts.json');
    const { exitCode, stdout } = await runCli(['compile', '--artifacts', file]);
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`compiled shop 1.0.0 for fake (dev): 2 assets, 1 check\n${file}\n`);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ metadata: { product_name: 'shop' } });
  });

  it('writes them to standard output for "-"', async () => {
    const { stdout } = await runCli(['compile', '--artifacts', '-']);
    expect(JSON.parse(stdout)).toMatchObject({ metadata: { product_name: 'shop' } });
  });

  it('lists every finding of a product that does not compile', async () => {
    const problems = ['a', 'b'].map((name, index) => ({
      code: 'UNKNOWN_MODEL' as const,
      severity: 'error' as const,
      message: `There is no model ${name}.`,
      resolution: 'Correct the name.',
      location: { file: 'floe.yaml', line: index + 5, column: 3 },
    }));
    const services = { compileProject: () => Promise.reject(InputError.fromProblems(problems)) };
    const { exitCode, stderr } = await runCli(['compile'], { services });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('floe.yaml:5:3\nerror UNKNOWN_MODEL: There is no model a.\n  next: Correct the name.');
    expect(stderr).toContain('floe.yaml:6:3\nerror UNKNOWN_MODEL: There is no model b.');
    const json = await runCli(['compile', '--output', 'json'], { services });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_MODEL', problems } });
  });

  it('shows the place in the manifest that names a plugin which is missing', async () => {
    const missing = new InputError({
      code: 'PLUGIN_NOT_INSTALLED',
      message: 'Not there.',
      resolution: 'npm install x',
    });
    const services = { loadOrchestratorPlugin: () => Promise.reject(missing) };
    const { exitCode, stderr } = await runCli(['compile'], { services });
    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'manifest.yaml:6:24 (plugins.orchestrator.type)\nerror PLUGIN_NOT_INSTALLED: Not there.\n  next: npm install x\n',
    );
  });

  it('refuses settings that the plugin does not know, with their place', async () => {
    const { exitCode, stderr } = await runCli(['compile'], { config: '{ulr: "http://x"}' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/manifest\.yaml:6:\d+ \(plugins\.orchestrator\.config\.ulr\)\nerror PLUGIN_CONFIG_INVALID/);
    expect(stderr).toContain('"url"');
  });
});

describe('floe generate', () => {
  it('writes the bundle to the folder that is named', async () => {
    const { stdout } = await runCli(['generate', '--directory', '/srv/bundle', '--output', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      result: { product: 'shop', orchestrator: 'fake', directory: '/srv/bundle', bundleHash: 'sha256:abc' },
    });
  });
});

describe('floe deploy', () => {
  const result = { applied: true, bundleHash: 'sha256:abc', url: 'http://127.0.0.1:3000/locations/shop' };

  it('says what it changed, or that nothing was to change', async () => {
    expect((await runCli(['deploy'], { config })).stdout).toBe('shop: nothing to change\nsha256:abc\n');
    const plugin = createFakePlugin({
      deploy: () => ({ ...result, changes: [{ action: 'create', object: 'code location shop' }], drift: [] }),
    });
    expect((await runCli(['deploy'], { plugin, config })).stdout).toBe(
      'create code location shop\nshop: 1 change\nsha256:abc\nhttp://127.0.0.1:3000/locations/shop\n',
    );
  });

  it('only plans with --dry-run', async () => {
    const plugin = createFakePlugin({
      deploy: () => ({
        ...result,
        applied: false,
        changes: [{ action: 'reload', object: 'shop' }],
        drift: ['job a is missing'],
      }),
    });
    const { exitCode, stdout } = await runCli(['deploy', '--dry-run'], { plugin, config });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('would reload shop\ndiffers: job a is missing\nshop: 1 change planned\n');
    expect(plugin.calls).toEqual(['deploy --dry-run']);
  });

  it('fails when the orchestrator shows something else afterwards', async () => {
    const plugin = createFakePlugin({ deploy: () => ({ ...result, changes: [], drift: ['job a is missing'] }) });
    const { exitCode, stderr } = await runCli(['deploy'], { plugin, config });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error DEPLOYMENT_DRIFT');
    expect(stderr).toContain('    job a is missing');
  });
});

describe('floe remove', () => {
  it('takes the product of the folder away', async () => {
    const { stdout, plugin } = await runCli(['remove'], { config });
    expect(stdout).toBe('delete shop\nshop: 1 change\n');
    expect(plugin.calls).toEqual(['remove shop']);
  });
});

describe('floe graph', () => {
  it('draws the product, or a part of it', async () => {
    expect((await runCli(['graph'])).stdout).toBe('●  stg_orders (table)\n●  daily (table, 1 check)\n');
    expect((await runCli(['graph', '--select', 'daily'])).stdout).toBe('●  daily (table, 1 check)\n');
    expect((await runCli(['graph', '--format', 'mermaid'])).stdout).toContain('flowchart LR\n');
  });

  it('gives nodes and edges as JSON', async () => {
    const { stdout } = await runCli(['graph', '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      result: {
        product: 'shop',
        nodes: [{ name: 'stg_orders' }, { name: 'daily', upstream: ['model.shop.stg_orders'] }],
      },
    });
  });
});
