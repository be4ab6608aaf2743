import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import { buildNameTable, type NameTable } from './airflow-name-table.js';

function namesOf(parts: ExampleOrchestration, product = 'shop'): NameTable {
  const artifacts = exampleArtifacts(parts);
  const metadata = { ...artifacts.metadata, product_name: product };
  return buildNameTable(requirePipeline({ ...artifacts, metadata }));
}

describe('buildNameTable', () => {
  it('names what it finds', () => {
    const names = namesOf({
      nodes: [{ unique_id: 'model.shop.orders' }, { unique_id: 'model.shop.customers.v2' }],
      checks: [
        { unique_id: 'test.shop.not_null_orders_id', parents: ['model.shop.orders'] },
        { unique_id: 'test.shop.totals' },
      ],
      sources: [{ unique_id: 'source.shop.raw.orders' }, { unique_id: 'source.shop.crm.people', asset: 'crm/people' }],
      schedules: [{ name: 'daily', cron: '0 6 * * *' }],
      sensors: [{ name: 'landed', type: 'file_changed', path: 'in.csv' }],
    });
    expect(names.problems).toEqual([]);
    expect(names.dagId).toBe('shop');
    expect(names.product).toEqual({ name: 'shop', uri: 'x-floe://shop' });
    expect(names.assets.get('model.shop.customers.v2')).toEqual({
      name: 'shop/customers.v2',
      uri: 'x-floe://shop/customers.v2',
    });
    expect(names.assets.get('source.shop.raw.orders')?.name).toBe('shop/raw/orders');
    expect(names.assets.get('source.shop.crm.people')?.name).toBe('crm/people');
    expect(names.checks.get('test.shop.not_null_orders_id')).toBe('shop/orders:not_null_orders_id');
    expect(names.checks.get('test.shop.totals')).toBe('shop:totals');
    expect(names.schedules.get('daily')).toBe('shop.schedule.daily');
    expect(names.sensors.get('landed')).toBe('shop.sensor.landed');
  });

  it.each([
    ['a word that Airflow keeps', ['self'], 'keeps for itself'],
    ['the name of the product', ['shop'], 'the product itself'],
    ['a name that is too long', ['x'.repeat(1500)], '1500 characters'],
  ])('refuses %s as an asset', (_, key, reason) => {
    const { problems } = namesOf({ nodes: [{ unique_id: 'model.shop.a', key_overrides: { airflow: key } }] });
    expect(problems).toMatchObject([{ code: 'NAME_NOT_ALLOWED', location: { file: 'models/a.sql' } }]);
    expect(problems[0]?.message).toContain(reason);
  });

  it.each([
    ['context', 'keeps the word for itself'],
    ['x'.repeat(90), 'tag of Airflow'],
  ])('refuses the product %s', (product, reason) => {
    const { problems } = namesOf({ nodes: [{ unique_id: 'model.shop.a' }] }, product);
    expect(problems).toMatchObject([{ code: 'NAME_NOT_ALLOWED', location: { node: 'metadata.name' } }]);
    expect(problems[0]?.message).toContain(reason);
  });
});
