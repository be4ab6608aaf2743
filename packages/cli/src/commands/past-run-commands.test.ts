import { describe, expect, it } from '@jest/globals';
import type { RunSummary } from '@floe/core/plugin-interfaces';
import { createFakePlugin, sampleLocalState } from '../../tests/support/fake-plugin.js';
import { runCli } from '../../tests/support/run-cli.js';

const config = '{url: "http://127.0.0.1:3000"}';

function run(key: string, status: RunSummary['status']): RunSummary {
  return {
    key,
    runId: `id-of-${key}`,
    url: `http://127.0.0.1:3000/runs/${key}`,
    status,
    startedAt: '2026-11-25T10:00:00Z',
    finishedAt: status === 'running' ? null : '2026-11-25T10:01:05Z',
  };
}

const runs = [run('c', 'running'), run('b', 'failed'), run('a', 'succeeded')];

describe('floe status', () => {
  it('lists the newest runs', async () => {
    const { exitCode, stdout } = await runCli(['status', '--limit', '2'], {
      plugin: createFakePlugin({ runs }),
      config,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        'key  status   started                    took  run',
        'c    running  2026-11-25T10:00:00Z             http://127.0.0.1:3000/runs/c',
        'b    failed   2026-11-25T10:00:00Z  1 min 5 s  http://127.0.0.1:3000/runs/b',
        '',
      ].join('\n'),
    );
  });

  it('shows the run of a key or a run id, and refuses an unknown one', async () => {
    for (const name of ['b', 'id-of-b']) {
      const plugin = createFakePlugin({ runs });
      const { stdout } = await runCli(['status', name, '--output', 'json'], { plugin, config });
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { runs: [{ key: 'b' }] } });
    }
    const { exitCode, stderr } = await runCli(['status', 'zzz'], { plugin: createFakePlugin({ runs }), config });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error RUN_NOT_FOUND: shop has no run zzz among its newest 3.');
  });
});

describe('floe logs', () => {
  const logs = ['one', 'two', 'three'].map((text) => ({ at: '2026-11-25T10:00:00Z', level: 'info', text }) as const);

  it('prints the log of the newest run, or of the one that is named', async () => {
    const plugin = createFakePlugin({ runs, logs });
    expect((await runCli(['logs', '--tail', '2'], { plugin, config })).stdout).toBe(
      '2026-11-25T10:00:00Z info two\n2026-11-25T10:00:00Z info three\n',
    );
    await runCli(['logs', 'a'], { plugin, config });
    expect(plugin.calls).toEqual(['readLogs c', 'readLogs a']);
  });

  it('says that there is no run yet', async () => {
    const { exitCode, stderr } = await runCli(['logs'], { config });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('RUN_NOT_FOUND: shop has no run yet.');
  });
});

describe('floe cancel', () => {
  it('asks the only run under way, or the one that is named, to stop', async () => {
    const plugin = createFakePlugin({ runs });
    expect((await runCli(['cancel'], { plugin, config })).stdout).toBe('c: was asked to stop\n');
    await runCli(['cancel', 'x'], { plugin, config });
    expect(plugin.calls).toEqual(['cancel c', 'cancel x']);
  });

  it('does not guess between several, and says when there is none', async () => {
    const busy = createFakePlugin({ runs: [run('d', 'queued'), ...runs] });
    const several = await runCli(['cancel'], { plugin: busy, config });
    expect(several.exitCode).toBe(2);
    expect(several.stderr).toContain('2 runs of shop are under way.');
    expect(several.stderr).toContain('    d\n    c\n');
    const none = await runCli(['cancel'], { plugin: createFakePlugin({ runs: runs.slice(1) }), config });
    expect(none.stderr).toContain('RUN_NOT_FOUND: No run of shop is under way.');
    expect(busy.calls).toEqual([]);
  });
});

describe('floe retry', () => {
  it('deploys what was repaired and retries the newest run', async () => {
    const plugin = createFakePlugin({ runs: runs.slice(1), local: sampleLocalState });
    const { exitCode } = await runCli(['retry', '--timeout', '60', '--key', 'again'], { plugin });
    expect(exitCode).toBe(0);
    expect(plugin.calls).toEqual(['deploy', 'retryFailed b']);
    expect(plugin.requests).toMatchObject([{ timeout: 60, key: 'again', bundleHash: 'sha256:abc' }]);
  });

  it('leaves the deployment alone with --deployed', async () => {
    const plugin = createFakePlugin({ local: sampleLocalState });
    await runCli(['retry', 'a', '--deployed'], { plugin });
    expect(plugin.calls).toEqual(['retryFailed a']);
  });
});

describe('what the plugin cannot do', () => {
  it.each([
    [['retry', 'a'], 'retryFailed', 'retry a run'],
    [['cancel', 'a'], 'cancel', 'cancel a run'],
    [['run', '--select', 'daily'], 'subset', 'run a part of a product'],
  ])('is refused by %j before anything happens', async (argv, capability, action) => {
    const full = createFakePlugin();
    const capabilities = { ...full.module.capabilities, [capability]: false };
    const plugin = { ...full, module: { ...full.module, capabilities } };
    const { exitCode, stderr } = await runCli(argv, { plugin, config });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`error PLUGIN_INCOMPATIBLE: The plugin fake cannot ${action}.`);
    expect(plugin.calls).toEqual([]);
  });
});
