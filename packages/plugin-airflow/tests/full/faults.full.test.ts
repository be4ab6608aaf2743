import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { assembleBundle } from '@floe/core/bundle/assemble-bundle';
import type { RunEvent } from '@floe/core/execution/run-events';
import { readRuns, readTask } from '../../src/airflow-runs.js';
import { dbtProcessesBelow, waitUntilGone } from '../support/processes.js';
import { TestAirflow, within } from '../support/test-airflow.js';
import { follow, statuses, TestProduct, type FollowedRun } from '../support/test-product.js';
import { waitFor } from '../support/wait-for.js';

let airflow: TestAirflow;
let product: TestProduct;
beforeAll(async () => {
  airflow = await TestAirflow.start();
  product = await TestProduct.copy('hello-orders', airflow);
  await product.edit(
    'models/mart_daily_orders.sql',
    (text) => `select * from (\n${text.trimEnd()}\n) as days\n${slow}`,
  );
  await product.deploy();
}, 300_000);
afterAll(async () => {
  await product.remove();
  await airflow.stop();
}, 60_000);

/** Some hours of work for one core, which ends at once when DuckDB interrupts the query. */
const slow = `{% if var('slow', false) %}
where (select max(one.x * 31 + two.y) from range(100000000) as one(x) cross join range(100000) as two(y)) is not null
{% endif %}
`;
const slowly = { vars: { slow: true } };

interface Underway {
  readonly runId: string;
  readonly worker: number;
  readonly dbt: number;
  readonly ended: Promise<FollowedRun>;
}

/** The process in which a run executes. */
async function workerOf(runId: string): Promise<number> {
  const build = await readTask(airflow.client, { dagId: 'hello-orders', runId }, 'build', within(10));
  if (!build.ok || build.value?.pid == null) throw new TypeError('The task has a process.');
  return build.value.pid;
}

/** Starts a run and waits until the slow model is under way. */
async function startSlowRun(signal = new AbortController().signal, timeout = 600): Promise<Underway> {
  const execution = airflow.plugin().executeJob(await product.request({ ...slowly, timeout }), signal);
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
  const worker = await workerOf(runId);
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
    expect(result).toMatchObject({
      status: 'lost',
      error: { code: 'RUN_LOST' },
      diagnosis: { cause: 'worker_killed' },
    });
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
      follow(airflow.plugin().executeJob(request, signal)),
      follow(airflow.plugin().executeJob(request, signal)),
    ]);
    expect([one.result.status, two.result.status]).toEqual(['succeeded', 'succeeded']);
    expect(one.result.runId).toBe(two.result.runId);
    const runs = await readRuns(airflow.client, 'hello-orders', { limit: 20 }, within(10));
    expect(runs.ok && runs.value.filter(({ dag_run_id: id }) => id.includes(key))).toHaveLength(1);
  });

  it('two runs of one product do not overlap: the second waits', async () => {
    const signal = new AbortController().signal;
    const first = follow(airflow.plugin().executeJob(await product.request(), signal));
    const waits: RunEvent[] = [];
    const second = follow(airflow.plugin().executeJob(await product.request(), signal), (event) => {
      if (event.type === 'waiting') waits.push(event);
    });
    const results = [(await first).result, (await second).result].sort((left, right) =>
      (left.startedAt ?? '').localeCompare(right.startedAt ?? ''),
    );
    expect(results.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    expect(Date.parse(results[1]?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(results[0]?.finishedAt ?? ''));
    expect(waits).toHaveLength(1);
  });

  it('a planned bundle that is not deployed is refused', async () => {
    const request = { ...(await product.request()), bundleHash: `sha256:${'0'.repeat(64)}` };
    const execution = airflow.plugin().executeJob(request, new AbortController().signal);
    await expect(execution.result).rejects.toMatchObject({ code: 'DEPLOYMENT_STALE' });
  });
});

describe('a DAG file that does not import', () => {
  it('is told with its deepest cause at the deployment, in the check and at a run; others still run', async () => {
    const other = await TestProduct.copy('shop', airflow);
    try {
      const bundle = await other.bundle();
      const files = bundle.definitions.files.map((file) =>
        file.path === 'floe_airflow/product_dags.py'
          ? { ...file, content: `${file.content}\nimport no_such_module_of_floe\n` }
          : file,
      );
      const broken = await assembleBundle(
        {
          project: await other.compile(),
          definitions: { ...bundle.definitions, files },
          orchestrator: 'airflow',
          directory: `${other.folder}/.floe/broken`,
        },
        within(60),
      );
      const { directory } = airflow.state;
      await expect(airflow.plugin().deploy(broken, { ...within(120), dryRun: false, directory })).rejects.toMatchObject(
        {
          code: 'DEPLOYMENT_NOT_LOADED',
          message: expect.stringMatching(
            /ModuleNotFoundError: No module named 'no_such_module_of_floe' \(floe_airflow\/product_dags\.py:\d+\)/u,
          ),
        },
      );
      const check = await airflow.plugin().validateConnection(within(10));
      expect(check.success).toBe(true);
      expect(check.message).toContain('no_such_module_of_floe');
      const execution = airflow
        .plugin()
        .executeJob({ artifacts: broken.artifacts, bundleHash: broken.hash }, new AbortController().signal);
      await expect(execution.result).rejects.toMatchObject({
        code: 'DEPLOYMENT_NOT_LOADED',
        message: expect.stringContaining('no_such_module_of_floe'),
      });
      expect((await product.run()).result.status).toBe('succeeded');
      expect(await other.deploy()).toMatchObject({ drift: [] });
    } finally {
      await other.remove();
    }
  });
});

describe('an Airflow that goes away', () => {
  it('is told by the connection check', async () => {
    const lost = await TestAirflow.start();
    const hello = await TestProduct.copy('hello-orders', lost);
    try {
      await hello.deploy();
      const { plugin, state } = { plugin: lost.plugin(), state: lost.state };
      await lost.halt();
      const check = await plugin.validateConnection(within(10));
      expect(check).toMatchObject({ success: false });
      expect(check.message).toContain(new URL(state.url).host);
    } finally {
      await hello.remove();
      await lost.stop();
    }
  });
});
