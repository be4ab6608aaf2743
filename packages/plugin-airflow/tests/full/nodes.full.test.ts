import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { anyAnswer, apiPath } from '../../src/airflow-client.js';
import { dbtProcessesBelow } from '@floe/test-products/processes';
import { within } from '@floe/test-products/repository';
import { TestAirflow } from '../support/test-airflow.js';
import { statuses, TestProduct } from '@floe/test-products/test-product';
import { waitFor } from '@floe/test-products/wait-for';

let airflow: TestAirflow;
let product: TestProduct;
let flag: string;
beforeAll(async () => {
  airflow = await TestAirflow.start();
  product = await TestProduct.copy('hello-orders', airflow);
  flag = join(product.folder, 'flag.csv');
  const reads = (from: string): string => `{{ config(materialized='table') }}\nselect count(*) as n from ${from}\n`;
  await product.edit('models/flaky.sql', () => `${reads("{{ ref('stg_orders') }}")}, read_csv('${flag}')\n`);
  await product.edit('models/after_flaky.sql', () => reads("{{ ref('flaky') }}"));
  await product.deploy();
}, 300_000);
afterAll(async () => {
  await product.remove();
  await airflow.stop();
}, 60_000);

const dagId = 'hello-orders';
const node = (name: string): string => `model.hello_orders.${name}`;
const instances = z.object({
  task_instances: z.array(z.object({ task_id: z.string(), state: z.string().nullable(), try_number: z.number() })),
});
const assetEvents = z.object({
  asset_events: z.array(z.object({ name: z.string(), source_task_id: z.string().nullable() })),
});

/** `<state> <try>` by the last part of the task's id. */
async function tasksOf(runId: string): Promise<Record<string, string>> {
  const path = apiPath('dags', dagId, 'dagRuns', runId, 'taskInstances');
  const answer = await airflow.client.send({ method: 'GET', path, query: { limit: 100 } }, instances, within(10));
  if (!answer.ok) throw new TypeError(answer.failure.message);
  return Object.fromEntries(
    answer.value.task_instances.map((task) => [
      task.task_id.split('.').at(-1) ?? '',
      `${task.state ?? 'none'} ${task.try_number}`,
    ]),
  );
}

async function eventsOf(runId: string): Promise<string[]> {
  const query = { source_dag_id: dagId, source_run_id: runId, limit: 100 };
  const path = apiPath('assets', 'events');
  const answer = await airflow.client.send({ method: 'GET', path, query }, assetEvents, within(10));
  if (!answer.ok) throw new TypeError(answer.failure.message);
  return answer.value.asset_events.map((event) => `${event.name} of ${event.source_task_id ?? 'nobody'}`).sort();
}

/** Clears tasks of an ended run, and waits until it has ended again. */
async function clear(runId: string, tasks: readonly string[]): Promise<string> {
  const json = {
    dry_run: false,
    dag_run_id: runId,
    task_ids: tasks,
    only_failed: false,
    reset_dag_runs: true,
  };
  const path = apiPath('dags', dagId, 'clearTaskInstances');
  const answer = await airflow.client.send({ method: 'POST', path, json }, anyAnswer, within(10));
  if (!answer.ok) throw new TypeError(answer.failure.message);
  return waitFor('the end of the cleared run', 120, async () => {
    const run = await airflow.client.send(
      { method: 'GET', path: apiPath('dags', dagId, 'dagRuns', runId) },
      z.object({ state: z.string() }),
      within(10),
    );
    return run.ok && ['success', 'failed'].includes(run.value.state) ? run.value.state : undefined;
  });
}

/** A run in which `flaky` fails. */
async function failedRun(): Promise<string> {
  await rm(flag, { force: true });
  const { result } = await product.run();
  expect(result.status).toBe('failed');
  return result.runId;
}

describe('nodes as tasks of a real Airflow', () => {
  it('end as dbt says, and the failed ones can be resumed in place', async () => {
    const runId = await failedRun();
    expect(await tasksOf(runId)).toEqual({
      build: 'success 1',
      orders: 'success 1',
      stg_orders: 'success 1',
      mart_daily_orders: 'success 1',
      flaky: 'failed 1',
      after_flaky: 'skipped 1',
      verdict: 'failed 1',
    });
    const good = ['mart_daily_orders', 'orders', 'stg_orders'].map((name) => `hello-orders/${name} of build`);
    expect(await eventsOf(runId)).toEqual(good);
    await writeFile(flag, 'a\n1\n');
    expect(await clear(runId, ['build', node('flaky'), node('after_flaky'), 'verdict'])).toBe('success');
    expect(await tasksOf(runId)).toEqual({
      build: 'success 2',
      orders: 'success 1',
      stg_orders: 'success 1',
      mart_daily_orders: 'success 1',
      flaky: 'success 2',
      after_flaky: 'success 2',
      verdict: 'skipped 2',
    });
    expect(await eventsOf(runId)).toEqual(
      [...good, 'hello-orders of build', 'hello-orders/after_flaky of build', 'hello-orders/flaky of build'].sort(),
    );
  }, 240_000);

  it('run alone, in order, when nothing else is cleared', async () => {
    await writeFile(flag, 'a\n1\n');
    const { result } = await product.run();
    expect(result.status).toBe('succeeded');
    const runId = result.runId;
    expect(await clear(runId, [node('after_flaky'), node('flaky'), 'verdict'])).toBe('success');
    expect(await tasksOf(runId)).toMatchObject({
      build: 'success 1',
      stg_orders: 'success 1',
      flaky: 'success 2',
      after_flaky: 'success 2',
      verdict: 'skipped 2',
    });
    const events = await eventsOf(runId);
    expect(events).toContain(`hello-orders/flaky of ${node('flaky')}`);
    expect(events).toContain(`hello-orders/after_flaky of ${node('after_flaky')}`);
  }, 240_000);

  it('refuse to run alone when what they read is not there', async () => {
    const runId = await failedRun();
    expect(await clear(runId, [node('after_flaky'), 'verdict'])).toBe('failed');
    expect(await tasksOf(runId)).toMatchObject({ flaky: 'failed 1', after_flaky: 'failed 2', verdict: 'failed 2' });
  }, 240_000);

  it('are skipped when they are not part of the run', async () => {
    const { result } = await product.run({ select: 'stg_orders' });
    expect(result.status).toBe('succeeded');
    expect(Object.keys(statuses(result))).toContain('stg_orders');
    expect(await tasksOf(result.runId)).toMatchObject({
      orders: 'skipped 1',
      stg_orders: 'success 1',
      flaky: 'skipped 1',
      verdict: 'skipped 1',
    });
    expect(dbtProcessesBelow(airflow.state.processGroup)).toEqual([]);
  }, 120_000);
});
