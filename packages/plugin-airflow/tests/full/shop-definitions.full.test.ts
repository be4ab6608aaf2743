import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { apiPath } from '../../src/airflow-client.js';
import { readDeployedAssets, readDeployedDags, readDeployedTasks } from '../../src/airflow-deployed-state.js';
import { unfinishedStates } from '../../src/airflow-run-state.js';
import { readRuns } from '../../src/airflow-runs.js';
import { within } from '@floe/test-products/repository';
import { TestAirflow } from '../support/test-airflow.js';
import { TestProduct } from '@floe/test-products/test-product';
import { waitFor } from '@floe/test-products/wait-for';

let airflow: TestAirflow;
let shop: TestProduct;
beforeAll(async () => {
  airflow = await TestAirflow.start();
  shop = await TestProduct.copy('shop', airflow);
}, 300_000);
afterAll(async () => {
  await shop.remove();
  await airflow.stop();
}, 60_000);

async function paused(): Promise<Readonly<Record<string, boolean>>> {
  const dags = await readDeployedDags(airflow.client, 'shop', within(30));
  if (!dags.ok) throw new TypeError(dags.failure.message);
  return Object.fromEntries([...dags.value].map(([id, dag]) => [id, dag.is_paused]));
}

async function countVersions(): Promise<number> {
  const answer = await airflow.client.send(
    { method: 'GET', path: apiPath('dags', 'shop', 'dagVersions') },
    z.object({ total_entries: z.number() }),
    within(10),
  );
  return answer.ok ? answer.value.total_entries : -1;
}

describe('shop on a real Airflow', () => {
  it('plans without writing', async () => {
    const plan = await shop.deploy({ dryRun: true });
    expect(plan).toMatchObject({ applied: false });
    expect(plan.changes.map(({ action }) => action)).toEqual(['create', 'reload']);
    expect(await readdir(airflow.state.directory)).not.toContain('shop');
  });

  it('shows every asset, edge, task, schedule and sensor as planned, before the first run', async () => {
    const deployed = await shop.deploy();
    expect(deployed.drift).toEqual([]);
    const { definitions } = await shop.bundle();
    expect(definitions.assets.length).toBeGreaterThan(15);
    expect(await paused()).toEqual({
      shop: false,
      'shop.schedule.hourly_sales': true,
      'shop.schedule.nightly_all': true,
      'shop.sensor.after_hello_orders': true,
    });
    const assets = await readDeployedAssets(airflow.client, 'shop', within(30));
    const shown = new Set(assets.ok ? assets.value.map(({ name }) => name) : []);
    expect(definitions.assets.map(({ nativeName }) => nativeName).filter((name) => !shown.has(name))).toEqual([]);
    const tasks = await readDeployedTasks(airflow.client, 'shop', within(30));
    const edges = (list: readonly (readonly [string, string])[]): string[] =>
      list.map((edge) => edge.join(' -> ')).sort();
    expect(edges(tasks.ok ? tasks.value.edges : [])).toEqual(edges(definitions.edges));
  });

  it('makes no mutating call the second time, also from another folder, and no new version', async () => {
    expect(await shop.deploy()).toMatchObject({ applied: true, changes: [], drift: [] });
    const copy = await TestProduct.copy('shop', airflow);
    try {
      expect((await copy.bundle()).hash).toBe((await shop.bundle()).hash);
      for (let time = 0; time < 10; time += 1) {
        expect(await shop.deploy()).toMatchObject({ changes: [], drift: [] });
        expect(await copy.deploy()).toMatchObject({ changes: [], drift: [] });
      }
      expect(await countVersions()).toBe(1);
    } finally {
      await copy.remove();
    }
  });

  it('tells what somebody switched by hand, and switches it back', async () => {
    const path = apiPath('dags', 'shop.schedule.nightly_all');
    await airflow.client.send({ method: 'PATCH', path, json: { is_paused: false } }, z.unknown(), within(10));
    const next = z.object({ next_dagrun_run_after: z.string() });
    const schedule = await airflow.client.send({ method: 'GET', path }, next, within(10));
    // Not the tick of last night, which was before the product was there.
    expect(schedule.ok ? Date.parse(schedule.value.next_dagrun_run_after) : 0).toBeGreaterThan(Date.now() - 120_000);
    expect(await shop.deploy()).toMatchObject({
      changes: [{ action: 'stop', object: 'DAG shop.schedule.nightly_all' }],
      drift: [],
    });
    expect(await paused()).toMatchObject({ 'shop.schedule.nightly_all': true });
  });

  it('switches off what the product no longer has', async () => {
    await shop.edit('floe.yaml', (text) => text.replace('name: hourly_sales', 'name: often_sales'));
    expect(await shop.deploy()).toMatchObject({ drift: [] });
    expect(await paused()).toMatchObject({ 'shop.schedule.often_sales': true });
  });

  it('refuses a run while it is paused', async () => {
    const path = apiPath('dags', 'shop');
    await airflow.client.send({ method: 'PATCH', path, json: { is_paused: true } }, z.unknown(), within(10));
    await expect(shop.run()).rejects.toMatchObject({ message: expect.stringContaining('paused') });
    await shop.deploy();
    expect(await paused()).toMatchObject({ shop: false });
  });

  it('goes away with `remove`, and comes back', async () => {
    const { directory } = airflow.state;
    const options = { ...within(120), dryRun: false, directory };
    await waitFor('the end of what the schedule started', 90, async () => {
      const runs = await readRuns(airflow.client, 'shop', { states: unfinishedStates, limit: 1 }, within(10));
      return runs.ok && runs.value.length === 0 ? true : undefined;
    });
    const removed = await airflow.plugin().remove('shop', options);
    expect(removed.changes).toContainEqual({ action: 'delete', object: `bundle shop in ${directory}` });
    expect(await paused()).toEqual({});
    expect(await airflow.plugin().remove('shop', options)).toMatchObject({ changes: [] });
    await expect(shop.run()).rejects.toMatchObject({ code: 'DEPLOYMENT_MISSING' });
    expect(await shop.deploy()).toMatchObject({ drift: [] });
  });
});
