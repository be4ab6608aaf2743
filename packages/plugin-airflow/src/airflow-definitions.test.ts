import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import type { Definitions } from '@floe/core/plugin-interfaces';
import { buildDefinitions } from './airflow-definitions.js';
import { edgesOfDocumentation } from './airflow-deployed-state.js';
import { loaderFiles } from './airflow-loader.js';

const product: ExampleOrchestration = {
  nodes: [
    { unique_id: 'seed.shop.raw_orders' },
    { unique_id: 'model.shop.orders', tags: ['finance'] },
    { unique_id: 'model.shop.daily' },
  ],
  sources: [
    { unique_id: 'source.shop.erp.raw_orders', seed: 'seed.shop.raw_orders' },
    { unique_id: 'source.shop.crm.customers', asset: 'crm/customers' },
    { unique_id: 'source.shop.crm.people', asset: 'crm/customers' },
  ],
  edges: [
    ['source.shop.erp.raw_orders', 'model.shop.orders'],
    ['source.shop.crm.customers', 'model.shop.orders'],
    ['source.shop.crm.people', 'model.shop.daily'],
    ['model.shop.orders', 'model.shop.daily'],
  ],
  checks: [
    { unique_id: 'test.shop.unique_orders_id', parents: ['model.shop.orders'], attached_to: 'model.shop.orders' },
    { unique_id: 'test.shop.source_ok', parents: ['source.shop.erp.raw_orders'] },
    { unique_id: 'test.shop.alone' },
  ],
  exposures: [{ unique_id: 'exposure.shop.board', type: 'dashboard', parents: ['model.shop.daily'] }],
  schedules: [
    { name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Berlin', enabled: false },
    { name: 'marts', cron: '@hourly', select: 'daily' },
  ],
  sensors: [
    { name: 'after_crm', type: 'asset_updated', asset: 'crm/customers', interval: 30 },
    { name: 'after_product', type: 'product_succeeded', product: 'crm' },
    { name: 'after_file', type: 'file_changed', path: 'in.csv', enabled: false },
    { name: 'after_page', type: 'http_ready', url: 'https://example.com/ready' },
  ],
  execution: { timeout: 900, restarts: 2, on_busy: 'skip' },
};

function build(parts = product): Definitions {
  return buildDefinitions(requirePipeline(exampleArtifacts(parts)), loaderFiles());
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly upstream?: readonly number[];
}
interface Document {
  readonly assets: readonly Entry[];
  readonly externals: readonly Entry[];
  readonly [key: string]: unknown;
}

function documentOf(definitions: Definitions): Document {
  return JSON.parse(definitions.files.find(({ path }) => path === 'airflow.json')?.content ?? '') as Document;
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
      { id: 'test.shop.source_ok', nativeName: 'shop/erp/raw_orders:source_ok' },
      { id: 'test.shop.unique_orders_id', nativeName: 'shop/orders:unique_orders_id' },
    ]);
    expect(definitions.jobs.map(({ nativeName }) => nativeName)).toEqual(['shop', 'marts']);
    expect(definitions.schedules).toEqual([
      { id: 'daily', nativeName: 'shop.schedule.daily' },
      { id: 'marts', nativeName: 'shop.schedule.marts' },
    ]);
    expect(definitions.sensors).toContainEqual({ id: 'after_crm', nativeName: 'shop.sensor.after_crm' });
  });

  it('keeps the lineage: through sources, to exposures, from the seed of a source', () => {
    expect([...definitions.edges].sort()).toEqual(
      [
        ['crm/customers', 'shop/daily'],
        ['crm/customers', 'shop/orders'],
        ['shop/daily', 'shop/exposures/board'],
        ['shop/erp/raw_orders', 'shop/orders'],
        ['shop/orders', 'shop/daily'],
        ['shop/raw_orders', 'shop/erp/raw_orders'],
        ['shop/raw_orders', 'shop/orders'],
      ].sort(),
    );
  });

  it('names an asset of another product once, however many sources it fills', () => {
    expect(document.externals.map(({ name }) => name)).toEqual(['crm/customers', 'shop/erp/raw_orders']);
    const nodes = [...document.assets, ...document.externals];
    const daily = nodes.find(({ id }) => id === 'model.shop.daily');
    expect(daily?.upstream?.map((index) => nodes[index]?.name)).toEqual(['shop/orders', 'crm/customers']);
  });

  it('writes all that the loader shows', () => {
    expect(document).toMatchObject({
      schema: 1,
      product: 'shop',
      dag_id: 'shop',
      granularity: 'build',
      on_busy: 'skip',
      restarts: 2,
      timeout: 900,
      dagrun_timeout: 86_400,
      product_asset: { name: 'shop', uri: 'x-floe://shop' },
      jobs: [
        { name: 'shop', assets: null, checks: null },
        { name: 'marts', assets: [expect.any(Number)], checks: [] },
      ],
      schedules: [
        {
          dag_id: 'shop.schedule.daily',
          name: 'daily',
          job: 'shop',
          cron: '0 6 * * *',
          timezone: 'Europe/Berlin',
          enabled: false,
        },
        { dag_id: 'shop.schedule.marts', job: 'marts', timezone: 'UTC', enabled: true },
      ],
    });
    const sensors = document.sensors as readonly { name: string }[];
    expect(Object.fromEntries(sensors.map((sensor) => [sensor.name, sensor]))).toMatchObject({
      after_crm: { asset: { name: 'crm/customers', uri: 'x-floe://crm/customers' }, interval: 30, enabled: true },
      after_product: { asset: { name: 'crm', uri: 'x-floe://crm' } },
      after_file: { asset: { name: 'shop.sensor.after_file' }, path: 'in.csv', enabled: false },
      after_page: { asset: { name: 'shop.sensor.after_page' }, url: 'https://example.com/ready' },
    });
  });

  it('leaves a long run more than a day', () => {
    const parts = { ...product, execution: { timeout: 90_000 } };
    expect(documentOf(build(parts)).dagrun_timeout).toBeGreaterThan(90_000);
  });

  it('ships the same loader for every product, and what an image needs', () => {
    const paths = definitions.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['floe_dag.py', '.airflowignore', 'airflow.json', 'requirements.txt', 'Dockerfile']),
    );
    const loader = (of: Definitions): unknown => of.files.filter(({ path }) => path.endsWith('.py'));
    expect(loader(build({ nodes: [{ unique_id: 'model.shop.a' }] }))).toEqual(loader(definitions));
    expect(definitions.files.find(({ path }) => path === 'requirements.txt')?.content).toContain('dbt-duckdb==');
  });

  it('lets Airflow parse one file only', () => {
    const ignored =
      definitions.files
        .find(({ path }) => path === '.airflowignore')
        ?.content.trim()
        .split('\n') ?? [];
    const parsed = definitions.files.filter(
      ({ path }) => path.endsWith('.py') && !ignored.some((folder) => path.startsWith(folder)),
    );
    expect(parsed.map(({ path }) => path)).toEqual(['floe_dag.py']);
    expect(ignored).toEqual(expect.arrayContaining(['dbt/', 'profiles/']));
  });

  it('gives the same bytes twice', () => {
    expect(build()).toEqual(definitions);
  });

  it('refuses names that fall together', () => {
    const parts = {
      nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.b', key_overrides: { airflow: ['shop', 'a'] } }],
    };
    expect(() => build(parts)).toThrow(expect.objectContaining({ code: 'NAME_COLLISION' }));
  });
});

describe('edgesOfDocumentation', () => {
  it('reads the table of assets', () => {
    const text = '| asset | made from |\n|---|---|\n| `shop/a` |  |\n| `shop/b` | `shop/a` `crm/x` |';
    expect(edgesOfDocumentation(text)).toEqual([
      ['shop/a', 'shop/b'],
      ['crm/x', 'shop/b'],
    ]);
    expect(edgesOfDocumentation('')).toEqual([]);
  });
});
