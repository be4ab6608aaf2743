import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { FloeError } from '@floe/core/errors/floe-error';
import { isSuccessful } from '@floe/core/execution/node-status';
import type { RunEvent } from '@floe/core/execution/run-events';
import { selectNodes } from '@floe/core/pipeline/selection/select';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import type { JobRequest } from '@floe/core/plugin-interfaces';
import { assertSameSet, assertUsefulError, errorOf } from '../assertions.js';
import type { DeployedProduct, FailingProduct } from '../plugin-harness.js';
import { statusAnswer } from '../proxy-fault.js';
import type { TestRunner } from '../test-runner.js';
import {
  assertComplete,
  assertProgress,
  assertSound,
  nodesWith,
  observe,
  type ObservedRun,
} from './run-observation.js';
import { call, openPlugin, type LiveSubject, type OpenedPlugin } from './subject.js';

const runMs = 240_000;
/** From the abort to the end of the run, cancel ladder included. */
const cancelMs = 60_000;

/** Runs of real products on a real orchestrator (REQ-026, REQ-028). */
export function defineExecutionSuite(runner: TestRunner, subject: LiveSubject): void {
  const { describe, it } = runner;
  const { capabilities } = subject.module;
  const open = (): OpenedPlugin => openPlugin(subject, subject.proxy().url, subject.harness().credentials);
  const succeeding = (): DeployedProduct => subject.harness().products.succeeding;
  const failing = (): FailingProduct => subject.harness().products.failing;
  const slow = (): DeployedProduct => subject.harness().products.slow;

  const execute = async (
    product: DeployedProduct,
    request: Partial<JobRequest> = {},
    more: { readonly signal?: AbortSignal; readonly onEvent?: (event: RunEvent) => void } = {},
  ): Promise<ObservedRun> => {
    const { plugin, secrets } = open();
    const job = {
      artifacts: product.artifacts,
      bundleHash: product.bundleHash,
      key: `suite-${randomUUID()}`,
      ...request,
    };
    const run = await observe(plugin.executeJob(job, more.signal ?? new AbortController().signal), more.onEvent);
    assertSound(run, secrets);
    return run;
  };
  const assertNothingRuns = async (): Promise<void> => {
    const count = await subject.harness().countRunProcesses?.();
    assert.ok(count === undefined || count === 0, `${String(count)} processes of runs are left`);
  };

  describe('a run', () => {
    let key = '';
    let runId = '';

    it(
      'succeeds with every node, its progress and its log',
      async () => {
        const run = await execute(succeeding());
        ({ key, runId } = run.result);
        assert.equal(run.result.status, 'succeeded', JSON.stringify(run.result.error));
        assertComplete(run.result, requirePipeline(succeeding().artifacts));
        assertProgress(run);
        assert.ok(run.result.logs.length > 0, 'there is no log');
        assert.ok(run.result.attempts.length >= 1, 'there is no attempt');
        assert.ok(
          run.result.nodes.some(({ seconds }) => seconds !== null),
          'no node has a duration',
        );
      },
      runMs,
    );

    it(
      'is not started twice for the same key',
      async () => {
        const { result, events } = await execute(succeeding(), { key });
        assert.equal(result.runId, runId);
        assert.ok(
          events.some((event) => event.type === 'submitted' && event.adopted),
          'the run is not marked as adopted',
        );
      },
      runMs,
    );

    it(
      'can be found again, listed and read',
      async () => {
        const { plugin } = open();
        const { artifacts } = succeeding();
        const attached = await plugin.attach({ artifacts, key }, new AbortController().signal).result;
        assert.equal(attached.runId, runId);
        assert.equal(attached.status, 'succeeded');
        const runs = await plugin.listRuns(artifacts, { ...call(30_000), limit: 50 });
        assert.deepEqual(
          runs.filter((run) => run.key === key).map(({ status }) => status),
          ['succeeded'],
        );
        assert.ok((await plugin.readLogs({ artifacts, key }, call(30_000))).length > 0, 'the log is empty');
      },
      runMs,
    );

    it(
      'settles although nobody looks at its progress',
      async () => {
        const { plugin } = open();
        const { artifacts, bundleHash } = succeeding();
        const job = { artifacts, bundleHash, key: `suite-${randomUUID()}` };
        const result = await plugin.executeJob(job, new AbortController().signal).result;
        assert.equal(result.status, 'succeeded', JSON.stringify(result.error));
      },
      runMs,
    );

    it(
      'refuses a bundle that is not deployed',
      async () => {
        const { artifacts } = succeeding();
        const job = { artifacts, bundleHash: `sha256:${'0'.repeat(64)}`, key: `suite-${randomUUID()}` };
        const error = await errorOf(() => open().plugin.executeJob(job, new AbortController().signal).result);
        assertUsefulError(error, ['DEPLOYMENT_STALE']);
      },
      runMs,
    );
  });

  describe('a part of a product', () => {
    it(
      capabilities.subset ? 'is run alone' : 'is refused',
      async () => {
        const pipeline = requirePipeline(succeeding().artifacts);
        const last = pipeline.assets.at(-1);
        assert.ok(last !== undefined, 'the product has no assets');
        if (!capabilities.subset) {
          assertUsefulError(await errorOf(() => execute(succeeding(), { select: last.name })), [
            'SELECTION_INVALID',
            'USAGE',
          ]);
          return;
        }
        const selected = selectNodes(pipeline, { select: last.name, exclude: null });
        const { result } = await execute(succeeding(), { select: last.name });
        assert.equal(result.status, 'succeeded', JSON.stringify(result.error));
        assertSameSet(
          result.nodes.map(({ id }) => id),
          [...selected.assets, ...selected.checks],
          'nodes of the subset',
        );
      },
      runMs,
    );

    it(
      'can be its assets without checks',
      async () => {
        const { result } = await execute(succeeding(), { checks: false });
        assert.equal(result.status, 'succeeded', JSON.stringify(result.error));
        const { assets } = requirePipeline(succeeding().artifacts);
        assertSameSet(
          result.nodes.map(({ id }) => id),
          assets.map(({ id }) => id),
          'nodes without checks',
        );
      },
      runMs,
    );
  });

  describe('a run with a failing node', () => {
    let key = '';

    it(
      'fails, names the node and its message, and does what does not depend on it',
      async () => {
        const product = failing();
        const { result } = await execute(product);
        ({ key } = result);
        assert.equal(result.status, 'failed');
        assert.equal(result.error?.code, 'RUN_FAILED');
        assertSameSet(nodesWith(result, 'failed'), product.failing, 'failed nodes');
        assertSameSet(nodesWith(result, 'skipped'), product.skipped, 'skipped nodes');
        assertComplete(result, requirePipeline(product.artifacts));
        const messages = result.nodes.map(({ message }) => message ?? '').join('\n');
        assert.ok(messages.includes(product.message), `no node says "${product.message}"`);
        const [node = ''] = product.failing;
        assert.ok(JSON.stringify(result.error).includes(node), 'the error does not name the node');
        assert.ok(JSON.stringify(result.error.context).length > 20, 'the error has no context');
        assert.ok(result.logs.length > 0, 'there is no log');
      },
      runMs,
    );

    it(
      capabilities.retryFailed ? 'can be repeated in part' : 'refuses to be repeated in part',
      async () => {
        const product = failing();
        const { plugin, secrets } = open();
        const retry = () =>
          plugin.retryFailed(
            { artifacts: product.artifacts, key },
            { artifacts: product.artifacts, bundleHash: product.bundleHash, key: `suite-${randomUUID()}` },
            new AbortController().signal,
          );
        if (!capabilities.retryFailed) {
          assertUsefulError(await errorOf(() => retry().result), ['RUN_NOT_RETRYABLE', 'USAGE']);
          return;
        }
        const run = await observe(retry());
        assertSound(run, secrets);
        assert.equal(run.result.status, 'failed');
        assertSameSet(
          run.result.nodes.map(({ id }) => id),
          [...product.failing, ...product.skipped],
          'repeated nodes',
        );
      },
      runMs,
    );
  });

  describe('a run that is ended', () => {
    it(
      'by the abort of its caller is cancelled, and leaves nothing behind',
      async () => {
        const controller = new AbortController();
        let aborted = 0;
        const { result } = await execute(
          slow(),
          {},
          {
            signal: controller.signal,
            onEvent: (event) => {
              if (aborted > 0 || event.type !== 'phase' || event.phase !== 'running') return;
              aborted = performance.now();
              controller.abort();
            },
          },
        );
        assert.ok(aborted > 0, 'the phase running was never told');
        assert.equal(result.status, 'cancelled', JSON.stringify(result.error));
        assert.equal(result.error?.code, 'RUN_CANCELLED');
        assert.ok(performance.now() - aborted < cancelMs, 'the cancel takes too long');
        assert.ok(!result.nodes.every(({ status }) => isSuccessful(status)), 'everything was done before the cancel');
        await assertNothingRuns();
      },
      runMs,
    );

    it(
      capabilities.cancel ? 'by another client is cancelled' : 'cannot be ended by another client',
      async () => {
        const key = `suite-${randomUUID()}`;
        const controller = new AbortController();
        const { artifacts } = slow();
        let asked: Promise<unknown> | undefined;
        const { result } = await execute(
          slow(),
          { key },
          {
            signal: controller.signal,
            onEvent: (event) => {
              if (asked !== undefined || event.type !== 'phase' || event.phase !== 'running') return;
              asked = open()
                .plugin.cancel({ artifacts, key }, call(30_000))
                .catch((error: unknown) => {
                  controller.abort();
                  return error;
                });
            },
          },
        );
        assert.equal(result.status, 'cancelled', JSON.stringify(result.error));
        const answer = await asked;
        if (capabilities.cancel) assert.ok(!FloeError.isInstance(answer), JSON.stringify(answer));
        else assertUsefulError(answer);
        await assertNothingRuns();
      },
      runMs,
    );

    it(
      'by its time limit is timed out, and leaves nothing behind',
      async () => {
        const began = performance.now();
        const { result } = await execute(slow(), { timeout: 5 });
        assert.equal(result.status, 'timed_out', JSON.stringify(result.error));
        assert.equal(result.error?.code, 'RUN_TIMED_OUT');
        assert.ok(performance.now() - began < cancelMs + 60_000, 'the time limit is not kept');
        await assertNothingRuns();
      },
      runMs,
    );
  });

  describe('a run behind a faulty network', () => {
    it(
      'is started once although answers are lost',
      async () => {
        let count = 0;
        const rule = subject.proxy().inject({ fault: { kind: 'lose_answer' }, when: () => (count += 1) % 3 === 0 });
        try {
          const { result } = await execute(succeeding());
          assert.equal(result.status, 'succeeded', JSON.stringify(result.error));
          assert.ok(rule.applied() > 0, 'no answer was lost');
          rule.remove();
          const runs = await open().plugin.listRuns(succeeding().artifacts, { ...call(30_000), limit: 50 });
          assert.equal(runs.filter(({ key, status }) => key === result.key && status === 'succeeded').length, 1);
        } finally {
          rule.remove();
        }
      },
      runMs,
    );

    it(
      'goes on when the server is away for a while',
      async () => {
        const removed: (() => void)[] = [];
        try {
          const { result } = await execute(
            succeeding(),
            {},
            {
              onEvent: (event) => {
                if (event.type !== 'submitted') return;
                const rule = subject.proxy().inject({ fault: statusAnswer(503), times: 4 });
                removed.push(() => {
                  rule.remove();
                });
              },
            },
          );
          assert.equal(result.status, 'succeeded', JSON.stringify(result.error));
          assertComplete(result, requirePipeline(succeeding().artifacts));
        } finally {
          for (const remove of removed) remove();
        }
      },
      runMs,
    );
  });
}
