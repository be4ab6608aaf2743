import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@floe/core/execution/run-events';
import { endlessSql } from '../endless-sql.js';
import { dbtProcessesBelow, waitUntilGone } from '../processes.js';
import { within } from '../repository.js';
import type { TestPlatform } from '../test-platform.js';
import { follow, statuses, TestProduct, type FollowedRun } from '../test-product.js';
import { waitFor } from '../wait-for.js';

/** What is particular to an orchestrator. */
export interface FaultyOrchestrator<Platform extends TestPlatform> {
  start(): Promise<Platform>;
  /** The process in which a run of hello-orders executes. */
  workerOf(platform: Platform, runId: string): Promise<number>;
  /** How many runs of hello-orders with a key did their work. */
  countRuns(platform: Platform, key: string): Promise<number>;
  /** Cause in the diagnosis of a run whose process was killed, where there is one. */
  readonly lostCause?: string;
}

const slow = `{% if var('slow', false) %}
where ${endlessSql}
{% endif %}
`;

/** Ends by force, runs at the same time, and an orchestrator that goes away. */
export function describeFaults<Platform extends TestPlatform>(
  orchestrator: FaultyOrchestrator<Platform>,
  /** What else can go wrong at this orchestrator; the product is deployed and well. */
  further?: (platform: () => Platform, product: () => TestProduct) => void,
): void {
  let platform: Platform;
  let product: TestProduct;
  beforeAll(async () => {
    platform = await orchestrator.start();
    product = await TestProduct.copy('hello-orders', platform);
    await product.edit(
      'models/mart_daily_orders.sql',
      (text) => `select * from (\n${text.trimEnd()}\n) as days\n${slow}`,
    );
    await product.deploy();
  }, 300_000);
  afterAll(async () => {
    await product.remove();
    await platform.stop();
  }, 60_000);

  const slowly = { vars: { slow: true } };

  interface Underway {
    readonly runId: string;
    readonly worker: number;
    readonly dbt: number;
    readonly ended: Promise<FollowedRun>;
  }

  /** Starts a run and waits until the slow model is under way. */
  async function startSlowRun(signal = new AbortController().signal, timeout = 600): Promise<Underway> {
    const execution = platform.plugin().executeJob(await product.request({ ...slowly, timeout }), signal);
    const events: RunEvent[] = [];
    const ended = follow(execution, (event) => events.push(event));
    const runId = await waitFor(
      'the submission',
      60,
      () => events.flatMap((event) => (event.type === 'submitted' ? [event.run.runId] : []))[0],
    );
    await waitFor('the slow model', 60, () =>
      events.find(
        (event) => event.type === 'node' && event.id.endsWith('.mart_daily_orders') && event.status === 'running',
      ),
    );
    const worker = await orchestrator.workerOf(platform, runId);
    const dbt = await waitFor('the process of dbt', 30, () => dbtProcessesBelow(worker)[0]);
    return { runId, worker, dbt, ended };
  }

  describe('the end of a run by force', () => {
    it('a cancel in mid-run leaves no dbt process, and the states are right', async () => {
      const controller = new AbortController();
      const run = await startSlowRun(controller.signal);
      controller.abort();
      const { result } = await run.ended;
      expect(result.status).toBe('cancelled');
      expect(statuses(result)).toMatchObject({ stg_orders: 'succeeded', mart_daily_orders: 'cancelled' });
      expect(await waitUntilGone(run.dbt, 10)).toBe(true);
      expect(await waitUntilGone(run.worker, 10)).toBe(true);
    });

    it('a time limit ends the run as timed out', async () => {
      const run = await startSlowRun(undefined, 15);
      const { result } = await run.ended;
      expect(result).toMatchObject({ status: 'timed_out', error: { code: 'RUN_TIMED_OUT' } });
      expect(statuses(result)).toMatchObject({ stg_orders: 'succeeded', mart_daily_orders: 'cancelled' });
      expect(await waitUntilGone(run.dbt, 10)).toBe(true);
    });

    it('kill -9 of the run worker: the run is lost, dbt is gone', async () => {
      const run = await startSlowRun();
      process.kill(run.worker, 'SIGKILL');
      const { result } = await run.ended;
      expect(result).toMatchObject({ status: 'lost', error: { code: 'RUN_LOST' } });
      if (orchestrator.lostCause !== undefined) expect(result.diagnosis?.cause).toBe(orchestrator.lostCause);
      expect(await waitUntilGone(run.dbt, 30)).toBe(true);
      const again = await product.retry(result.key);
      expect(again.result.status).toBe('succeeded');
      expect(statuses(again.result)).not.toHaveProperty('stg_orders');
    });

    it('kill -9 of dbt: the run fails, and says so', async () => {
      const run = await startSlowRun();
      process.kill(run.dbt, 'SIGKILL');
      const { result } = await run.ended;
      expect(result.status).toBe('failed');
      expect(statuses(result)).toMatchObject({ stg_orders: 'succeeded' });
      expect(statuses(result).mart_daily_orders).not.toBe('succeeded');
      expect(JSON.stringify(result.error)).not.toContain('Traceback');
    });
  });

  describe('runs at the same time', () => {
    it('the same key from two clients: one executes dbt, both see it', async () => {
      const key = `twins-${Date.now()}`;
      const request = await product.request({ key });
      const signal = new AbortController().signal;
      const [one, two] = await Promise.all([
        follow(platform.plugin().executeJob(request, signal)),
        follow(platform.plugin().executeJob(request, signal)),
      ]);
      expect([one.result.status, two.result.status]).toEqual(['succeeded', 'succeeded']);
      expect(one.result.runId).toBe(two.result.runId);
      expect(await orchestrator.countRuns(platform, key)).toBe(1);
    });

    it('two runs of one product do not overlap: the second waits', async () => {
      const signal = new AbortController().signal;
      const runs = [await product.request(), await product.request()].map(async (request) => {
        const waits: RunEvent[] = [];
        const execution = platform.plugin().executeJob(request, signal);
        const { result } = await follow(execution, (event) => {
          if (event.type === 'waiting') waits.push(event);
        });
        return { result, waits };
      });
      // Which of the two comes first is the orchestrator's choice.
      const [first, second] = (await Promise.all(runs)).sort((left, right) =>
        (left.result.startedAt ?? '').localeCompare(right.result.startedAt ?? ''),
      );
      expect([first?.result.status, second?.result.status]).toEqual(['succeeded', 'succeeded']);
      expect(Date.parse(second?.result.startedAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(first?.result.finishedAt ?? ''),
      );
      // An orchestrator under load may answer so late that the wait is over when it is seen.
      expect(second?.waits.length).toBeLessThanOrEqual(1);
    });

    it('a planned bundle that is not deployed is refused', async () => {
      const request = { ...(await product.request()), bundleHash: `sha256:${'0'.repeat(64)}` };
      const execution = platform.plugin().executeJob(request, new AbortController().signal);
      await expect(execution.result).rejects.toMatchObject({ code: 'DEPLOYMENT_STALE' });
    });
  });

  describe('an orchestrator that goes away', () => {
    it('is told by the connection check', async () => {
      const lost = await orchestrator.start();
      try {
        const plugin = lost.plugin();
        await lost.halt();
        const check = await plugin.validateConnection(within(10));
        expect(check).toMatchObject({ success: false });
        expect(check.message).toContain(new URL(lost.state.url).host);
      } finally {
        await lost.stop();
      }
    });
  });

  further?.(
    () => platform,
    () => product,
  );
}
