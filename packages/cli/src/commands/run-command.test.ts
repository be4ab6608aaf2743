import { describe, expect, it } from '@jest/globals';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { ErrorDocument } from '@floe/core/errors/floe-error';
import type { RunEvent } from '@floe/core/execution/run-events';
import { once } from 'node:events';
import { sampleExecution, sampleNode, sampleResult } from '../../tests/support/fake-execution.js';
import { createFakePlugin, sampleLocalState } from '../../tests/support/fake-plugin.js';
import { runCli } from '../../tests/support/run-cli.js';
import { sampleArtifacts } from '../../tests/support/sample-artifacts.js';

const url = '{url: "http://127.0.0.1:3000"}';
const folder = '{url: "http://127.0.0.1:3000", delivery: {kind: directory, path: /srv/floe}}';

const events: readonly RunEvent[] = [
  { type: 'submitted', run: { runId: 'run-1', url: 'http://127.0.0.1:3000/runs/run-1' }, adopted: false },
  { type: 'phase', phase: 'queued' },
  { type: 'phase', phase: 'running' },
  { type: 'node', id: 'model.shop.stg_orders', status: 'running', seconds: null, rows: null, message: null },
  { type: 'node', id: 'model.shop.stg_orders', status: 'succeeded', seconds: 0.25, rows: 3, message: null },
  {
    type: 'node',
    id: 'model.shop.daily',
    status: 'failed',
    seconds: 0.5,
    rows: null,
    message: 'Binder Error: no x\nLINE 1',
  },
];

function runError(code: ErrorDocument['code']): ErrorDocument {
  return { code, message: 'The run did not succeed.', resolution: 'Repair it.', context: { key: 'key-1' } };
}

describe('floe run', () => {
  it('shows each node as it ends, then a table and what failed', async () => {
    const result = sampleResult('failed', {
      nodes: [
        sampleNode('stg_orders', 'succeeded'),
        sampleNode('daily', 'failed', { rows: null, message: 'Binder Error: no x\nLINE 1' }),
      ],
      logs: [{ at: null, level: 'error', text: 'dbt ended with 1' }],
      error: runError('RUN_FAILED'),
    });
    const plugin = createFakePlugin({ execute: () => sampleExecution(events, result) });
    const { exitCode, stdout, stderr } = await runCli(['run'], { plugin, config: url });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      [
        'started run run-1 http://127.0.0.1:3000/runs/run-1',
        'waiting in the queue',
        'running',
        'succeeded stg_orders (0.3 s, 3 rows)',
        'failed daily (0.5 s): Binder Error: no x',
        '',
      ].join('\n'),
    );
    expect(stdout).toBe(
      [
        'node        kind   status     seconds  rows',
        'stg_orders  model  succeeded     0.25     3',
        'daily       model  failed        0.25',
        '',
        'failed daily (model) models/daily.sql',
        '  Binder Error: no x',
        '  LINE 1',
        '',
        'end of the log (1 line)',
        '  dbt ended with 1',
        '',
        'error RUN_FAILED: The run did not succeed.',
        '  next: Repair it.',
        '',
        'failed in 2.0 s: 1 succeeded, 1 failed (run run-1, key key-1)',
        'http://127.0.0.1:3000/runs/run-1',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['succeeded', undefined, 0],
    ['failed', 'RUN_FAILED', 1],
    ['failed', undefined, 1],
    ['timed_out', 'RUN_TIMED_OUT', 4],
    ['timed_out', 'QUEUE_TIMEOUT', 3],
    ['cancelled', 'RUN_CANCELLED', 130],
    ['lost', 'RUN_LOST', 3],
    ['lost', undefined, 3],
  ] as const)('ends a run that %s with %s in exit status %d', async (status, code, exitCode) => {
    const result = sampleResult(status, code === undefined ? {} : { error: runError(code) });
    const plugin = createFakePlugin({ execute: () => sampleExecution([], result) });
    const outcome = await runCli(['run', '--output', 'json'], { plugin, config: url });
    expect(outcome.exitCode).toBe(exitCode);
    const document = JSON.parse(outcome.stdout) as { ok: boolean; result: unknown; error?: { code: string } };
    expect(document).toMatchObject({ ok: code === undefined, result: { status, key: 'key-1', runId: 'run-1' } });
    expect(document.error?.code).toBe(code);
  });

  it('reports a run that could not be started', async () => {
    const error = new PluginExecutionError({
      code: 'DEPLOYMENT_STALE',
      message: 'Another bundle is loaded.',
      resolution: 'Deploy.',
    });
    const plugin = createFakePlugin({ execute: () => sampleExecution([], error) });
    const outcome = await runCli(['run', '--deployed'], { plugin, config: folder });
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain('error DEPLOYMENT_STALE: Another bundle is loaded.\n  next: Deploy.');
    expect(plugin.calls).toEqual(['executeJob']);
  });

  it('gives every option to the plugin, with the hash of what was compiled', async () => {
    const { plugin } = await runCli(
      [
        ...['run', '--select', 'stg_orders+', 'tag:x', '--exclude', 'daily', '--timeout', '2m', '--threads', '8'],
        ...['--retries', '0', '--full-refresh', '--vars', '{a: [1]}', '--key', 'nightly-1'],
      ],
      { config: url },
    );
    expect(plugin.requests).toMatchObject([
      {
        bundleHash: 'sha256:abc',
        select: 'stg_orders+ tag:x',
        exclude: 'daily',
        timeout: 120,
        threads: 8,
        retries: 0,
        fullRefresh: true,
        vars: { a: [1] },
        key: 'nightly-1',
      },
    ]);
  });

  it('refuses a selection that names nothing before it deploys', async () => {
    const { exitCode, stderr, plugin } = await runCli(['run', '--select', 'nothing_like_it'], { config: folder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error SELECTION_');
    expect(plugin.calls).toEqual([]);
  });

  it('deploys first where files go to a folder, and not with --deployed or another delivery', async () => {
    expect((await runCli(['run'], { config: folder })).plugin.calls).toEqual(['deploy', 'executeJob']);
    expect((await runCli(['run', '--deployed'], { config: folder })).plugin.calls).toEqual(['executeJob']);
    const image = '{url: "http://x", delivery: {kind: image}}';
    expect((await runCli(['run'], { config: image })).plugin.calls).toEqual(['executeJob']);
  });

  it('takes the local platform when the manifest has no address, and with --local', async () => {
    const local = createFakePlugin({ local: sampleLocalState });
    expect((await runCli(['run'], { plugin: local })).exitCode).toBe(0);
    expect(local.contexts[0]?.config).toEqual(sampleLocalState.config);
    expect(local.calls).toEqual(['deploy', 'executeJob']);
    const both = createFakePlugin({ local: sampleLocalState });
    await runCli(['run', '--local'], { plugin: both, config: '{url: "http://elsewhere"}' });
    expect(both.contexts[0]?.config).toEqual(sampleLocalState.config);
    const manifest = createFakePlugin({ local: sampleLocalState });
    await runCli(['run'], { plugin: manifest, config: '{url: "http://elsewhere"}' });
    expect(manifest.contexts[0]?.config).toEqual({ url: 'http://elsewhere' });
  });

  it.each([[['run']], [['run', '--local']], [['status']], [['doctor']]])(
    '%j says how to start a local platform',
    async (argv) => {
      const { exitCode, stderr } = await runCli(argv);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('error LOCAL_PLATFORM_NOT_RUNNING: No local fake runs');
      expect(stderr).toContain('floe platform start');
    },
  );

  it('prints the target before it deploys to prod', async () => {
    const { stderr } = await runCli(['run'], { config: folder, artifacts: sampleArtifacts({ a: [] }, [], 'prod') });
    expect(stderr).toContain('target: fake at http://127.0.0.1:3000 (environment prod, manifest local)');
  });

  it('follows a run that was started earlier', async () => {
    const { plugin } = await runCli(['run', '--attach', 'nightly-1'], { config: folder });
    expect(plugin.calls).toEqual(['attach nightly-1']);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
    'asks the run to cancel at the first %s and waits for its end',
    async (name) => {
      const plugin = createFakePlugin({
        execute: (_request, signal) => {
          const ended = once(signal, 'abort').then(() =>
            sampleResult('cancelled', { error: runError('RUN_CANCELLED') }),
          );
          return {
            key: 'key-1',
            result: ended,
            async *[Symbol.asyncIterator]() {
              yield { type: 'submitted', run: { runId: 'run-1', url: null }, adopted: false } as const;
              yield { type: 'finished', result: await ended } as const;
            },
          };
        },
      });
      const outcome = await runCli(['run'], {
        plugin,
        config: url,
        onProgress: (text, signals) => {
          if (text.includes('started run')) signals.emit(name);
        },
      });
      expect(outcome.exitCode).toBe(130);
      expect(outcome.stderr).toContain(
        `${name}: asking the run to cancel, waiting until it has ended; once more ends floe at once`,
      );
      expect(outcome.stdout).toContain('cancelled in 2.0 s');
      expect(outcome.forced).toEqual([]);
      expect(outcome.listeners).toBe(0);
    },
  );

  it('ends at once with 130 at the second signal', async () => {
    const { forced } = await runCli(['run'], {
      config: url,
      plugin: createFakePlugin({ execute: () => sampleExecution(events, sampleResult('succeeded')) }),
      onProgress: (text, signals) => {
        if (!text.includes('started run')) return;
        signals.emit('SIGINT');
        signals.emit('SIGINT');
      },
    });
    expect(forced).toEqual([130]);
  });

  it('starts nothing when the signal came before', async () => {
    const plugin = createFakePlugin({ local: sampleLocalState });
    const outcome = await runCli(['run'], {
      plugin,
      onProgress: (text, signals) => {
        if (text.includes('deployed already')) signals.emit('SIGINT');
      },
    });
    expect(outcome.exitCode).toBe(130);
    expect(outcome.stderr).toContain('error CANCELLED');
    expect(plugin.calls).toEqual(['deploy']);
  });

  it('redraws a block on a terminal and leaves only lines', async () => {
    const plugin = createFakePlugin({ execute: () => sampleExecution(events, sampleResult('succeeded')) });
    const { stderr } = await runCli(['run', '--no-color'], { plugin, config: url, terminal: { columns: 60 } });
    expect(stderr).toContain('running   stg_orders\n0 of 3 done, 1 running · running · 0.0 s\n');
    expect(stderr).toContain('\u001b[2A\r\u001b[0Jsucceeded stg_orders (0.3 s, 3 rows)\n');
    expect(stderr.endsWith('\u001b[1A\r\u001b[0J')).toBe(true);
  });

  it('never shows a secret of the run', async () => {
    const canary = 'canary-1a2b3c4d';
    const message = `password authentication failed: ${canary}`;
    const result = sampleResult('failed', {
      nodes: [sampleNode('daily', 'failed', { message })],
      logs: [{ at: null, level: 'error', text: message }],
      error: { ...runError('RUN_FAILED'), message, context: { logTail: [message] } },
    });
    for (const format of ['text', 'json']) {
      const plugin = createFakePlugin({
        execute: () =>
          sampleExecution(
            [{ type: 'node', id: 'model.shop.daily', status: 'failed', seconds: 1, rows: null, message }],
            result,
          ),
      });
      const { stdout, stderr } = await runCli(['run', '--output', format], {
        plugin,
        config: url,
        variables: { WAREHOUSE_PASSWORD: canary },
      });
      expect(stdout + stderr).not.toContain(canary);
      expect(stdout + stderr).toContain('***');
    }
  });
});
