import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { automationsAnswer, deploymentSchema, type Automation, type Deployment } from '../../src/prefect-answers.js';
import { within } from '@floe/test-products/repository';
import { TestPrefect } from '../support/test-prefect.js';
import { TestProduct } from '@floe/test-products/test-product';
import { waitFor } from '@floe/test-products/wait-for';
import { watchHttp } from '../support/watched-http.js';

let prefect: TestPrefect;
let shop: TestProduct;
let hello: TestProduct;
beforeAll(async () => {
  prefect = await TestPrefect.start();
  shop = await TestProduct.copy('shop', prefect);
  hello = await TestProduct.copy('hello-orders', prefect);
}, 300_000);
afterAll(async () => {
  await shop.remove();
  await hello.remove();
  await prefect.stop();
}, 60_000);

function readShop(flow = 'floe-shop'): Promise<Deployment> {
  return prefect.ask('GET', `/deployments/name/${flow}/local`, deploymentSchema);
}

function readAutomations(product: string): Promise<Automation[]> {
  const filter = { automations: { tags: { all_: [`floe:product=${product}`] } } };
  return prefect.ask('POST', '/automations/filter', automationsAnswer, filter);
}

/** Slug, id and timing of the schedules. */
function schedulesOf({
  schedules,
}: Deployment): Readonly<Record<string, { id: string; cron: unknown; active: boolean }>> {
  return Object.fromEntries(
    schedules.map(({ slug, id, schedule, active }) => [slug ?? '', { id, cron: schedule.cron, active }]),
  );
}

async function tell(method: 'POST' | 'PATCH', path: string, json: unknown): Promise<void> {
  const answer = await prefect.client.tell({ method, path, json }, within(30));
  if (!answer.ok) throw new TypeError(answer.failure.message);
}

const count = z.number();
function countFutureRuns(deploymentId: string): Promise<number> {
  const filter = { flow_runs: { deployment_id: { any_: [deploymentId] }, state: { type: { any_: ['SCHEDULED'] } } } };
  return prefect.ask('POST', '/flow_runs/count', count, filter);
}

describe('shop on a real Prefect', () => {
  it('plans without writing, and does what it planned', async () => {
    await hello.deploy();
    const plan = await shop.deploy({ dryRun: true });
    expect(plan).toMatchObject({ applied: false });
    expect(await readdir(prefect.state.directory)).not.toContain('shop');
    const done = await shop.deploy();
    expect(done.drift).toEqual([]);
    expect(done.changes).toEqual(plan.changes);
    expect(done.url).toContain((await readShop()).id);
  });

  it('shows the deployment, its schedules and its automations as planned', async () => {
    const deployment = await readShop();
    const { hash, definitions } = await shop.bundle();
    expect(deployment).toMatchObject({
      version: hash,
      work_pool_name: 'floe',
      enforce_parameter_schema: true,
      global_concurrency_limit: { limit: 1 },
      labels: { 'floe.product': 'shop', 'floe.platform': 'local' },
    });
    expect(schedulesOf(deployment)).toMatchObject({
      nightly_all: { cron: '30 2 * * *', active: false },
      hourly_sales: { cron: '5 * * * *', active: false },
    });
    expect(definitions.schedules).toHaveLength(2);
    expect((await readAutomations('shop')).map(({ name, enabled }) => [name, enabled])).toEqual([
      ['floe:local:shop:lost-runs', true],
      ['floe:local:shop:sensor:after_hello_orders', false],
    ]);
  });

  it('makes no mutating call the second time, and keeps the ids of the schedules', async () => {
    const before = await readShop();
    const watched = watchHttp();
    const { directory } = prefect.state;
    const plugin = prefect.plugin({}, watched.http);
    const again = await plugin.deploy(await shop.bundle(), { ...within(60), dryRun: false, directory });
    expect(again).toMatchObject({ applied: true, changes: [], drift: [] });
    expect(watched.changes).toEqual([]);
    expect(schedulesOf(await readShop())).toEqual(schedulesOf(before));
  });

  it('changes one schedule in its place, and future runs come back', async () => {
    const before = schedulesOf(await readShop());
    await shop.edit('floe.yaml', (text) =>
      text.replace("cron: '5 * * * *'\n    timezone: UTC\n    enabled: false", "cron: '7 * * * *'\n    timezone: UTC"),
    );
    const changed = await shop.deploy();
    expect(changed.drift).toEqual([]);
    expect(changed.changes.map(({ object }) => object)).toContain('schedule hourly_sales');
    const deployment = await readShop();
    const after = schedulesOf(deployment);
    expect(after.hourly_sales).toEqual({ id: before.hourly_sales?.id, cron: '7 * * * *', active: true });
    expect(after.nightly_all).toEqual(before.nightly_all);
    await waitFor('future runs', 90, async () => ((await countFutureRuns(deployment.id)) > 0 ? true : undefined));
    await shop.edit('models/staging/stg_orders.sql', (text) => `${text}\n-- changed\n`);
    await shop.deploy();
    expect(schedulesOf(await readShop())).toEqual(after);
    await waitFor('future runs again', 90, async () => ((await countFutureRuns(deployment.id)) > 0 ? true : undefined));
  });

  it('deletes exactly the schedule and the sensor that the product does not have any more', async () => {
    const before = schedulesOf(await readShop());
    await shop.edit('floe.yaml', (text) =>
      text.replace(/ {2}- name: nightly_all\n(?: {4}.*\n)+/u, '').replace(/sensors:\n(?: {2,}.*\n)+/u, ''),
    );
    const { changes, drift } = await shop.deploy();
    expect(drift).toEqual([]);
    expect(changes.filter(({ action }) => action === 'delete').map(({ object }) => object)).toEqual([
      'schedule nightly_all',
      'automation floe:local:shop:sensor:after_hello_orders',
    ]);
    expect(schedulesOf(await readShop())).toEqual({ hourly_sales: before.hourly_sales });
    expect((await readAutomations('shop')).map(({ name }) => name)).toEqual(['floe:local:shop:lost-runs']);
    expect(await readAutomations('hello-orders')).toHaveLength(1);
  });

  it('mends what somebody changed by hand', async () => {
    const { id } = await readShop();
    const [automation] = await readAutomations('shop');
    if (automation === undefined) throw new TypeError('There must be one.');
    const { name, description, tags, trigger, actions } = automation;
    await tell('PATCH', `/deployments/${id}`, { description: 'mine now', concurrency_limit: 5 });
    await tell('PATCH', `/automations/${automation.id}`, { enabled: false });
    await tell('POST', '/automations/', { name, description, tags, trigger, actions });
    const plan = await shop.deploy({ dryRun: true });
    expect(plan.changes).toEqual([
      { action: 'update', object: 'deployment floe-shop/local' },
      { action: 'update', object: 'automation floe:local:shop:lost-runs' },
      { action: 'delete', object: 'automation floe:local:shop:lost-runs' },
    ]);
    expect(await shop.deploy()).toMatchObject({ changes: plan.changes, drift: [] });
    expect((await readAutomations('shop')).map(({ enabled }) => enabled)).toEqual([true]);
    expect(await shop.deploy()).toMatchObject({ changes: [], drift: [] });
  });

  it('loses nothing when the database of the server is busy', async () => {
    const watched = watchHttp((number) => number % 2 === 1);
    const { directory } = prefect.state;
    await shop.edit('models/staging/stg_orders.sql', (text) => `${text}\n-- changed again\n`);
    const plugin = prefect.plugin({}, watched.http);
    const deployed = await plugin.deploy(await shop.bundle(), { ...within(120), dryRun: false, directory });
    expect(deployed).toMatchObject({ applied: true, drift: [] });
    expect(watched.refused()).toBeGreaterThan(5);
    expect(watched.changes.length).toBeGreaterThan(0);
    expect(await shop.deploy()).toMatchObject({ changes: [] });
  });

  it('refuses job variables that the pool does not know, and a pool of another type', async () => {
    const { directory } = prefect.state;
    const bundle = await shop.bundle();
    const options = { ...within(60), dryRun: true, directory };
    await expect(prefect.plugin({ job_variables: { memroy: '4Gi' } }).deploy(bundle, options)).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('memroy'),
    });
    await expect(prefect.plugin({ work_pool_type: 'docker' }).deploy(bundle, options)).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      message: expect.stringContaining('process'),
    });
  });

  it('goes to the queue that is named, keeps it when other things change, and goes back', async () => {
    const { directory } = prefect.state;
    const bundle = await shop.bundle();
    const options = { ...within(60), dryRun: false, directory };
    const settings = [
      { work_queue: 'fast' },
      { work_queue: 'fast', job_variables: { env: { PREFERRED: 'yes' } } },
      { work_queue: 'slow', job_variables: { env: { PREFERRED: 'yes' } } },
      {},
    ];
    for (const config of settings) {
      const plugin = prefect.plugin(config);
      expect(await plugin.deploy(bundle, options)).toMatchObject({ drift: [], applied: true });
      expect(await plugin.deploy(bundle, options)).toMatchObject({ changes: [] });
      const { work_pool_name: pool, work_queue_name: queue } = await readShop();
      expect({ pool, queue }).toEqual({ pool: 'floe', queue: config.work_queue ?? 'default' });
    }
  });

  it('goes away with `remove`; other products and its runs stay', async () => {
    const { id } = await readShop();
    expect((await shop.run({ select: '+stg_orders', checks: false })).result.status).toBe('succeeded');
    const { directory } = prefect.state;
    const options = { ...within(60), dryRun: false, directory };
    const removed = await prefect.plugin().remove('shop', options);
    expect(removed.changes).toEqual([
      { action: 'delete', object: 'automation floe:local:shop:lost-runs' },
      { action: 'delete', object: 'deployment local' },
      { action: 'delete', object: `bundle shop in ${directory}` },
    ]);
    expect(await prefect.plugin().remove('shop', options)).toMatchObject({ changes: [] });
    await expect(readShop()).rejects.toThrow(/not found/iu);
    expect(await readdir(join(directory, '.bundles')).then((names) => names.filter((name) => name === 'shop'))).toEqual(
      [],
    );
    const runs = { flows: { name: { any_: ['floe-shop'] } }, flow_runs: { state: { type: { any_: ['COMPLETED'] } } } };
    expect(await prefect.ask('POST', '/flow_runs/count', count, runs)).toBe(1);
    expect(await prefect.ask('POST', '/deployments/count', count, { deployments: { id: { any_: [id] } } })).toBe(0);
    expect(await hello.deploy()).toMatchObject({ changes: [], drift: [] });
  });
});
