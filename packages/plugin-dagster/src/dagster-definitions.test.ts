import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import type { Definitions } from '@floe/core/plugin-interfaces';
import { buildDefinitions } from './dagster-definitions.js';
import { loaderFiles } from './dagster-loader.js';

const product: ExampleOrchestration = {
  nodes: [
    { unique_id: 'seed.shop.raw_orders' },
    {
      unique_id: 'model.shop.orders',
      description: 'One row per order.',
      tags: ['finance', 'pii: high'],
      tier: 'gold',
      owners: ['team:sales', 'Bob'],
      group: 'core',
      code_version: 'abc',
      columns: [{ name: 'id', data_type: 'integer', description: 'Number.' }, { name: 'day' }],
      fqn: ['shop', 'marts', 'orders'],
    },
    { unique_id: 'model.shop.daily', fqn: ['shop', 'marts', 'daily'] },
  ],
  sources: [
    { unique_id: 'source.shop.erp.raw_orders', seed: 'seed.shop.raw_orders' },
    { unique_id: 'source.shop.crm.customers', asset: 'crm/customers' },
  ],
  edges: [
    ['source.shop.erp.raw_orders', 'model.shop.orders'],
    ['source.shop.crm.customers', 'model.shop.orders'],
    ['model.shop.orders', 'model.shop.daily'],
  ],
  checks: [
    { unique_id: 'test.shop.unique_orders_id', parents: ['model.shop.orders'], attached_to: 'model.shop.orders' },
    { unique_id: 'test.shop.compare', parents: ['model.shop.daily', 'model.shop.orders'], severity: 'warn' },
    { unique_id: 'test.shop.source_ok', parents: ['source.shop.erp.raw_orders'] },
    { unique_id: 'test.shop.alone' },
  ],
  exposures: [
    {
      unique_id: 'exposure.shop.board',
      type: 'dashboard',
      url: 'https://example.com/board',
      parents: ['model.shop.daily'],
      owner: 'bob@example.com',
    },
  ],
  schedules: [
    { name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Berlin', enabled: false },
    { name: 'marts', cron: '@hourly', select: 'daily' },
  ],
  sensors: [
    { name: 'after_crm', type: 'asset_updated', asset: 'crm/customers', interval: 30 },
    { name: 'after_file', type: 'file_changed', path: 'in.csv', enabled: false },
  ],
  execution: { timeout: 900, restarts: 2, on_busy: 'skip' },
};

function build(parts = product): Definitions {
  return buildDefinitions(requirePipeline(exampleArtifacts(parts)), loaderFiles());
}

interface Document {
  readonly assets: readonly Record<string, unknown>[];
  readonly externals: readonly Record<string, unknown>[];
  readonly checks: readonly Record<string, unknown>[];
  readonly [key: string]: unknown;
}

function documentOf(definitions: Definitions): Document {
  return JSON.parse(definitions.files.find(({ path }) => path === 'dagster.json')?.content ?? '') as Document;
}

describe('buildDefinitions', () => {
  const definitions = build();
  const document = documentOf(definitions);

  it('shows every node under its name', () => {
    expect(definitions.assets).toEqual(
      expect.arrayContaining([
        { id: 'model.shop.orders', nativeName: 'shop/orders' },
        { id: 'seed.shop.raw_orders', nativeName: 'shop/raw_orders' },
      ]),
    );
    expect(definitions.checks).toEqual([
      { id: 'test.shop.alone', nativeName: 'shop:alone' },
      { id: 'test.shop.compare', nativeName: 'shop/daily:compare' },
      { id: 'test.shop.source_ok', nativeName: 'shop/erp/raw_orders:source_ok' },
      { id: 'test.shop.unique_orders_id', nativeName: 'shop/orders:unique_orders_id' },
    ]);
    expect(definitions.jobs.map(({ nativeName }) => nativeName)).toEqual(['shop_job', 'marts_job']);
    expect(definitions.schedules).toEqual([
      { id: 'daily', nativeName: 'daily_schedule' },
      { id: 'marts', nativeName: 'marts_schedule' },
    ]);
    expect(definitions.sensors.map(({ nativeName }) => nativeName)).toEqual(['after_crm_sensor', 'after_file_sensor']);
  });

  it('keeps the lineage: through sources, to exposures, from the seed of a source', () => {
    expect([...definitions.edges].sort()).toEqual(
      [
        ['crm/customers', 'shop/orders'],
        ['shop/daily', 'shop/exposures/board'],
        ['shop/erp/raw_orders', 'shop/orders'],
        ['shop/orders', 'shop/daily'],
        ['shop/raw_orders', 'shop/erp/raw_orders'],
        ['shop/raw_orders', 'shop/orders'],
      ].sort(),
    );
  });

  it('writes all that the loader shows', () => {
    expect(document).toMatchObject({ schema: 1, product: 'shop', op: 'shop_dbt', pool: 'floe_shop', on_busy: 'skip' });
    expect(document.run_tags).toEqual({
      'dagster/max_runtime': '960',
      'dagster/max_retries': '2',
      'dagster/retry_strategy': 'ALL_STEPS',
      'dagster/retry_on_asset_or_op_failure': 'false',
    });
    expect(document.assets.find(({ id }) => id === 'model.shop.orders')).toEqual({
      id: 'model.shop.orders',
      key: ['shop', 'orders'],
      deps: expect.any(Array),
      group: 'core',
      description: 'One row per order.',
      tags: { finance: '', pii__high: '', 'floe/tier': 'gold' },
      kinds: ['dbt', 'duckdb'],
      owners: ['team:sales', 'team:Bob'],
      code_version: 'abc',
      table: 'db.main.orders',
      columns: [
        ['id', 'integer', 'Number.'],
        ['day', '', ''],
      ],
    });
    expect(document.assets.find(({ id }) => id === 'model.shop.daily')).toMatchObject({ group: 'marts' });
    expect(document.externals.find(({ id }) => id === 'exposure.shop.board')).toMatchObject({
      kinds: ['dashboard'],
      url: 'https://example.com/board',
      owners: ['bob@example.com'],
    });
    expect(document.checks.find(({ id }) => id === 'test.shop.compare')).not.toHaveProperty('blocking');
    expect(document.checks.find(({ id }) => id === 'test.shop.unique_orders_id')).toMatchObject({ blocking: true });
    expect(document.jobs).toMatchObject([
      { name: 'shop_job', assets: null, checks: null },
      { name: 'marts_job', assets: [expect.any(Number)] },
    ]);
    expect(document.schedules).toEqual([
      { name: 'daily_schedule', job: 'shop_job', cron: '0 6 * * *', timezone: 'Europe/Berlin', enabled: false },
      { name: 'marts_schedule', job: 'marts_job', cron: expect.any(String), timezone: 'UTC', enabled: true },
    ]);
    expect(document.sensors).toEqual([
      expect.objectContaining({ name: 'after_crm_sensor', asset: ['crm', 'customers'], interval: 30, enabled: true }),
      expect.objectContaining({ name: 'after_file_sensor', path: 'in.csv', enabled: false }),
    ]);
  });

  it('puts each index where it belongs', () => {
    const nodes = [...document.assets, ...document.externals];
    const compare = document.checks.find(({ id }) => id === 'test.shop.compare');
    expect(nodes[Number(compare?.asset)]?.id).toBe('model.shop.daily');
    expect((compare?.also as number[]).map((index) => nodes[index]?.id)).toEqual(['model.shop.orders']);
    const alone = document.checks.find(({ id }) => id === 'test.shop.alone');
    expect(nodes[Number(alone?.asset)]).toMatchObject({ key: ['shop'] });
  });

  it('ships the same loader for every product, and what an image needs', () => {
    const paths = definitions.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'definitions.py',
        'floe_dagster/build_op.py',
        'dagster.json',
        'requirements.txt',
        'Dockerfile',
      ]),
    );
    const loader = (of: Definitions): unknown => of.files.filter(({ path }) => path.endsWith('.py'));
    expect(loader(build({ nodes: [{ unique_id: 'model.shop.a' }] }))).toEqual(loader(definitions));
    expect(definitions.files.find(({ path }) => path === 'requirements.txt')?.content).toContain('dbt-duckdb==');
  });

  it('gives the same bytes twice', () => {
    expect(build()).toEqual(definitions);
  });

  it('warns of a tag that is shown otherwise', () => {
    expect(definitions.warnings).toMatchObject([{ severity: 'warning', location: { node: 'model.shop.orders' } }]);
  });

  it('refuses names that fall together', () => {
    const parts = { nodes: [{ unique_id: 'model.shop.a_b' }, { unique_id: 'model.shop.a-b' }] };
    expect(() => build(parts)).toThrow(expect.objectContaining({ code: 'NAME_COLLISION' }));
  });
});
