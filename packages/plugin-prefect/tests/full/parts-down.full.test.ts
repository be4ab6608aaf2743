import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@floe/core/execution/run-events';
import { dbtProcessesBelow, processesBelow, waitUntilGone } from '@floe/test-products/processes';
import { PrefectParts } from '../support/prefect-parts.js';
import { TestPrefect } from '../support/test-prefect.js';
import { within } from '@floe/test-products/repository';

import { follow, statuses, TestProduct, type FollowedRun } from '@floe/test-products/test-product';
import { waitFor } from '@floe/test-products/wait-for';
import { watchHttp } from '../support/watched-http.js';

let parts: PrefectParts;
let prefect: TestPrefect;
let product: TestProduct;
beforeAll(async () => {
  parts = await PrefectParts.prepare();
  prefect = await TestPrefect.of(parts);
  await parts.startServer();
  product = await TestProduct.copy('hello-orders', prefect);
  await product.edit('floe.yaml', (text) => `${text.trimEnd()}\nexecution:\n  queue_timeout: 20\n`);
  await product.edit(
    'models/mart_daily_orders.sql',
    (text) => `select * from (\n${text.trimEnd()}\n) as days\n${slow}`,
  );
  await product.deploy();
}, 300_000);
afterAll(async () => {
  await product.remove();
  await prefect.stop();
}, 60_000);

/** As many seconds of work for one core as `var('millions')` times a little, which DuckDB can interrupt. */
const slow = `{% if var('millions', 0) > 0 %}
where (select max(one.x * 31 + two.y) from range({{ var('millions') }}) as one(x) cross join range(1000000) as two(y)) is not null
{% endif %}
`;
const forLong = { vars: { millions: 100_000_000 } };
const forAWhile = { vars: { millions: 7_000 } };

interface Underway {
  readonly flow: number;
  readonly dbt: number;
  readonly ended: Promise<FollowedRun>;
}

/** Starts a run and waits until the slow model is under way. */
async function startSlowRun(
  worker: number,
  job: { readonly vars: Readonly<Record<string, unknown>> },
): Promise<Underway> {
  const events: RunEvent[] = [];
  const execution = prefect.plugin().executeJob(await product.request(job), new AbortController().signal);
  const ended = follow(execution, (event) => events.push(event));
  await waitFor('the slow model', 60, () =>
    events.find(
      (event) => event.type === 'node' && event.id.endsWith('.mart_daily_orders') && event.status === 'running',
    ),
  );
  const flow = await waitFor('the process of the flow', 30, () => processesBelow(worker, 'prefect.engine')[0]);
  const dbt = await waitFor('the process of dbt', 30, () => dbtProcessesBelow(flow)[0]);
  return { flow, dbt, ended };
}

describe('a Prefect without a worker', () => {
  it('is told by the connection check, before and after there was one', async () => {
    const check = await prefect.plugin().validateConnection(within(10));
    expect(check.success).toBe(true);
    expect(check.message).toContain('no worker of the work pool "floe" is alive');
  });

  it('ends a run at its queue deadline, and says why', async () => {
    const { result, events } = await product.run();
    expect(result).toMatchObject({
      status: 'timed_out',
      error: { code: 'QUEUE_TIMEOUT' },
      diagnosis: { cause: 'no_worker' },
    });
    expect(result.diagnosis?.resolution).toContain('prefect worker start --pool floe');
    expect(events.find(({ type }) => type === 'waiting')).toMatchObject({ diagnosis: { cause: 'no_worker' } });
    const [run] = await prefect.plugin().listRuns((await product.compile()).artifacts, { ...within(20), limit: 1 });
    expect(run).toMatchObject({ runId: result.runId, status: 'cancelled' });
  });
});

describe('a run', () => {
  let worker = 0;
  beforeAll(async () => {
    worker = await parts.startWorker();
  }, 120_000);

  it('loses nothing when the server is busy', async () => {
    const watched = watchHttp((count) => count % 3 === 0);
    const execution = prefect
      .plugin({}, watched.http)
      .executeJob(await product.request(), new AbortController().signal);
    const { result } = await follow(execution);
    expect(result.error).toBeUndefined();
    expect(Object.values(statuses(result))).toEqual(Array.from({ length: 11 }, () => 'succeeded'));
    expect(watched.refused()).toBeGreaterThan(3);
  });

  it('goes on when the server is restarted, and every state is told', async () => {
    const run = await startSlowRun(worker, forAWhile);
    await parts.stopServer();
    await sleep(3_000);
    await parts.startServer();
    const { result } = await run.ended;
    expect(result.error).toBeUndefined();
    expect(Object.values(statuses(result))).toEqual(Array.from({ length: 11 }, () => 'succeeded'));
  });

  it('goes on when its worker is killed', async () => {
    const run = await startSlowRun(worker, forAWhile);
    process.kill(worker, 'SIGKILL');
    const { result } = await run.ended;
    expect(result.error).toBeUndefined();
    expect(result.status).toBe('succeeded');
    worker = await parts.startWorker();
  });

  it('is lost within two minutes when its process and its worker are killed, and can be repeated', async () => {
    const run = await startSlowRun(worker, forLong);
    const began = performance.now();
    process.kill(worker, 'SIGKILL');
    process.kill(run.flow, 'SIGKILL');
    expect(await waitUntilGone(run.dbt, 30)).toBe(true);
    const { result } = await run.ended;
    expect(performance.now() - began).toBeLessThan(150_000);
    expect(result).toMatchObject({
      status: 'lost',
      error: { code: 'RUN_LOST' },
      diagnosis: { cause: 'heartbeat_lost' },
    });
    expect(statuses(result)).toMatchObject({ stg_orders: 'succeeded', mart_daily_orders: 'unknown' });
    worker = await parts.startWorker();
    const again = await product.retry(result.key);
    expect(again.result.status).toBe('succeeded');
    expect(statuses(again.result)).not.toHaveProperty('stg_orders');
  });

  it('that is cancelled while nobody can end it is ended by force, and says so', async () => {
    const run = await startSlowRun(worker, forLong);
    process.kill(worker, 'SIGSTOP');
    try {
      const key = (
        await prefect.plugin().listRuns((await product.compile()).artifacts, { ...within(20), limit: 1 })
      )[0];
      await prefect
        .plugin()
        .cancel({ artifacts: (await product.compile()).artifacts, key: key?.runId ?? '' }, within(60));
      const { result } = await run.ended;
      expect(result).toMatchObject({ status: 'cancelled', error: { code: 'RUN_CANCELLED' } });
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    expect(await waitUntilGone(run.dbt, 60)).toBe(true);
  });
});
