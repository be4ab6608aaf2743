import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, parse, validate, type IntrospectionQuery } from 'graphql';
import { readDeployedAssets, readDeployedTriggers } from '../../src/dagster-deployed-state.js';
import { within } from '@floe/test-products/repository';
import { TestDagster } from '../support/test-dagster.js';
import { TestProduct } from '@floe/test-products/test-product';

let dagster: TestDagster;
let shop: TestProduct;
beforeAll(async () => {
  dagster = await TestDagster.start();
  shop = await TestProduct.copy('shop', dagster);
}, 300_000);
afterAll(async () => {
  await shop.remove();
  await dagster.stop();
}, 60_000);

const name = { location: 'shop', repository: '__repository__' };

describe('shop on a real Dagster', () => {
  it('plans without writing', async () => {
    const plan = await shop.deploy({ dryRun: true });
    expect(plan).toMatchObject({ applied: false });
    expect(plan.changes.map(({ action }) => action)).toEqual(['create', 'create', 'reload']);
    expect(await readdir(dagster.state.directory)).not.toContain('shop');
  });

  it('shows every asset, check, edge, job, schedule and sensor as planned', async () => {
    const deployed = await shop.deploy();
    expect(deployed.drift).toEqual([]);
    const { definitions } = await shop.bundle();
    expect(definitions.assets.length).toBeGreaterThan(15);
    expect(definitions.checks.length).toBeGreaterThan(10);
    const triggers = await readDeployedTriggers(dagster.client, name, within(30));
    if (!triggers.ok || triggers.value === undefined) throw new TypeError('The location must be loaded.');
    const { jobs, schedules, sensors } = triggers.value;
    expect([...jobs.keys()].filter((job) => !job.startsWith('__')).sort()).toEqual(
      definitions.jobs.map(({ nativeName }) => nativeName).sort(),
    );
    expect(schedules.map(({ name: schedule, timing, running }) => [schedule, timing, running])).toEqual([
      ['hourly_sales_schedule', '5 * * * * UTC', false],
      ['nightly_all_schedule', '30 2 * * * Europe/Berlin', false],
    ]);
    expect(sensors.map(({ name: sensor, running }) => [sensor, running])).toEqual([
      ['after_hello_orders_sensor', false],
    ]);
    const assets = await readDeployedAssets(dagster.client, name, new Set(jobs.keys()), within(30));
    if (!assets.ok) throw new TypeError(assets.failure.message);
    expect([...assets.value.assets].sort()).toEqual(definitions.assets.map(({ nativeName }) => nativeName).sort());
    expect([...assets.value.checks].sort()).toEqual(definitions.checks.map(({ nativeName }) => nativeName).sort());
    const edges = (list: readonly (readonly [string, string])[]): string[] =>
      list.map((edge) => edge.join(' -> ')).sort();
    expect(edges(assets.value.edges)).toEqual(edges(definitions.edges));
  });

  it('makes no mutating call the second time', async () => {
    expect(await shop.deploy()).toMatchObject({ applied: true, changes: [], drift: [] });
  });

  it('tells what somebody switched by hand, and switches it back', async () => {
    await shop.edit('floe.yaml', (text) =>
      text.replace('timezone: UTC\n    enabled: false', 'timezone: UTC\n    enabled: true'),
    );
    const on = await shop.deploy();
    expect(on.drift).toEqual([]);
    await shop.edit('floe.yaml', (text) =>
      text.replace('timezone: UTC\n    enabled: true', 'timezone: UTC\n    enabled: false'),
    );
    const off = await shop.deploy();
    expect(off.drift).toEqual([]);
    const triggers = await readDeployedTriggers(dagster.client, name, within(30));
    expect(triggers.ok && triggers.value?.schedules.map(({ running }) => running)).toEqual([false, false]);
  });

  it('goes away with `remove`, and its runs stay', async () => {
    const { directory } = dagster.state;
    const options = { ...within(60), dryRun: false, directory };
    const removed = await dagster.plugin().remove('shop', options);
    expect(removed.changes).toEqual([{ action: 'delete', object: 'code location shop' }]);
    expect(await readDeployedTriggers(dagster.client, name, within(30))).toEqual({ ok: true, value: undefined });
    expect(await dagster.plugin().remove('shop', options)).toMatchObject({ changes: [] });
  });
});

describe('the documents of GraphQL', () => {
  it('are valid for the schema of the server', async () => {
    const response = await fetch(`${dagster.state.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: getIntrospectionQuery() }),
    });
    const { data } = (await response.json()) as { data: IntrospectionQuery };
    const schema = buildClientSchema(data);
    const folder = join(import.meta.dirname, '../../graphql');
    const names = (await readdir(folder)).filter((file) => file.endsWith('.graphql') && file !== 'schema.graphql');
    const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')));
    expect(validate(schema, parse(texts.join('\n')))).toEqual([]);
  });
});
