import { describe, expect, it } from '@jest/globals';
import { compileText, dbtManifestText, nodeOf, orchestrationOf } from '../../tests/compile/compile-text.js';
import { writeArtifacts } from '../artifacts/write-artifacts.js';
import { toPipeline } from '../pipeline/to-pipeline.js';

describe('compile', () => {
  it('takes every model, seed and snapshot, sorted, without transforms', () => {
    expect(orchestrationOf({}).nodes.map((node) => [node.unique_id, node.materialized])).toEqual([
      ['model.bakery.fct_revenue.v1', 'table'],
      ['model.bakery.fct_revenue.v2', 'table'],
      ['model.bakery.int_priced', 'ephemeral'],
      ['model.bakery.stg_flour', 'view'],
      ['model.bakery.stg_sales', 'view'],
      ['model.shared_calendar.calendar_days', 'view'],
      ['seed.bakery.raw_prices', 'seed'],
      ['seed.bakery.raw_sales', 'seed'],
      ['snapshot.bakery.sales_history', 'snapshot'],
    ]);
  });

  it('describes a model as dbt does', () => {
    expect(nodeOf({}, 'model.bakery.stg_sales')).toMatchObject({
      name: 'stg_sales',
      package: 'bakery',
      version: null,
      description: 'One row per sale.',
      file: 'models/stg_sales.sql',
      patch_file: 'models/models.yml',
      fqn: ['bakery', 'stg_sales'],
      owners: ['team:bakers'],
      key_overrides: { dagster: ['legacy', 'sales'] },
      relation: { database: 'bakery', schema: 'main', identifier: 'stg_sales' },
      columns: [{ name: 'sale_id', data_type: 'integer', description: 'Number of the sale.' }],
    });
    expect(nodeOf({}, 'model.bakery.fct_revenue.v1')).toMatchObject({
      name: 'fct_revenue',
      version: 1,
      latest_version: 2,
      group: 'sales',
      owners: ['sales@example.com'],
      tags: ['marts'],
      relation: { identifier: 'fct_revenue_v1' },
    });
    expect(nodeOf({}, 'model.bakery.int_priced').relation).toBeNull();
  });

  it('takes the edges as dbt has them, ephemeral models included', () => {
    expect(orchestrationOf({}).edges).toEqual([
      ['model.bakery.int_priced', 'model.bakery.fct_revenue.v1'],
      ['model.bakery.int_priced', 'model.bakery.fct_revenue.v2'],
      ['model.bakery.stg_sales', 'model.bakery.int_priced'],
      ['model.bakery.stg_sales', 'snapshot.bakery.sales_history'],
      ['model.shared_calendar.calendar_days', 'model.bakery.fct_revenue.v2'],
      ['seed.bakery.raw_sales', 'model.bakery.stg_sales'],
      ['source.bakery.erp.raw_prices', 'model.bakery.int_priced'],
      ['source.bakery.mill.flour', 'model.bakery.stg_flour'],
    ]);
  });

  it('takes generic, singular and unit tests with all their parents', () => {
    const checks = orchestrationOf({}).checks.map((check) => [
      check.name,
      check.kind,
      check.severity,
      check.parents,
      check.attached_to,
    ]);
    expect(checks).toEqual([
      ['always_fine', 'singular', 'error', [], null],
      [
        'not_null_fct_revenue_v1_day',
        'generic',
        'warn',
        ['model.bakery.fct_revenue.v1'],
        'model.bakery.fct_revenue.v1',
      ],
      [
        'not_null_fct_revenue_v2_day',
        'generic',
        'warn',
        ['model.bakery.fct_revenue.v2'],
        'model.bakery.fct_revenue.v2',
      ],
      ['not_null_stg_sales_sale_id', 'generic', 'error', ['model.bakery.stg_sales'], 'model.bakery.stg_sales'],
      ['revenue_covers_pieces', 'singular', 'error', ['model.bakery.fct_revenue.v2', 'model.bakery.stg_sales'], null],
      ['source_unique_erp_raw_prices_bread', 'generic', 'error', ['source.bakery.erp.raw_prices'], null],
      ['unique_stg_sales_sale_id', 'generic', 'error', ['model.bakery.stg_sales'], 'model.bakery.stg_sales'],
      ['revenue_adds_up', 'unit', 'error', ['model.bakery.fct_revenue.v1'], 'model.bakery.fct_revenue.v1'],
      ['revenue_adds_up', 'unit', 'error', ['model.bakery.fct_revenue.v2'], 'model.bakery.fct_revenue.v2'],
    ]);
  });

  it('finds the seed that loads a source and the product that makes one', () => {
    expect(orchestrationOf({}).sources).toMatchObject([
      { unique_id: 'source.bakery.erp.raw_prices', seed: 'seed.bakery.raw_prices', asset: null },
      { unique_id: 'source.bakery.mill.flour', seed: null, asset: 'mill/fct_deliveries' },
    ]);
  });

  it('takes exposures with their parents', () => {
    expect(orchestrationOf({}).exposures).toMatchObject([
      {
        name: 'board',
        type: 'dashboard',
        owner: 'Board',
        url: 'https://example.com/board',
        parents: ['model.bakery.fct_revenue.v2', 'source.bakery.mill.flour'],
      },
    ]);
  });

  it('makes a pipeline without findings', () => {
    const { artifacts } = compileText({});
    if (artifacts === undefined) throw new Error('not compiled');
    expect(toPipeline(artifacts).problems).toEqual([]);
  });

  it('writes the fields of the Python floe', () => {
    const { artifacts } = compileText({
      spec: `transforms:
  - {name: stg_sales, tier: bronze, tags: [raw], qualityChecks: [{name: complete, type: not_null, dimension: completeness}]}
schedule: {cron: '0 6 * * *', timezone: Europe/Berlin, enabled: false}
`,
      manifest: `environment: prod
observability: {tracing: {endpoint: 'http://otel:4317'}, lineage: {transport: http, endpoint: 'http://marquez:5000'}}
governance: {policy_enforcement_level: warn, naming: {enforcement: warn}}
`,
    });
    expect(artifacts).toMatchObject({
      version: '0.11.0',
      metadata: { compiled_at: '2026-01-01T00:00:00Z', product_name: 'bakery', product_version: '1.0.0' },
      identity: { product_id: 'default.bakery' },
      mode: 'simple',
      observability: {
        telemetry: {
          enabled: true,
          otlp_endpoint: 'http://otel:4317',
          resource_attributes: { deployment_environment: 'prod', floe_namespace: 'acme' },
        },
        lineage: true,
        lineage_namespace: 'bakery',
        lineage_transport: 'http',
      },
      plugins: { compute: { type: 'duckdb', version: '0.0.0' }, orchestrator: { type: 'dagster' }, catalog: null },
      governance: { policy_enforcement_level: 'warn', pii_encryption: null },
      dbt_profiles: { bakery: { target: 'prod' } },
    });
    expect(artifacts?.metadata.source_hash).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(artifacts?.governance).not.toHaveProperty('naming');
    expect(artifacts?.transforms?.models.find((model) => model.name === 'stg_sales')).toMatchObject({
      compute: 'duckdb',
      tags: ['raw'],
      depends_on: [],
      quality_tier: 'bronze',
      quality_checks: [{ name: 'complete', severity: 'warning', enabled: true, column: null }],
    });
    expect(artifacts?.transforms?.models.map((model) => model.name)).toContain('fct_revenue.v1');
    expect(artifacts?.orchestration?.schedules).toEqual([
      { name: 'default', cron: '0 6 * * *', timezone: 'Europe/Berlin', enabled: false, select: null, exclude: null },
    ]);
  });

  it('gives equal text for equal input', () => {
    const texts = [compileText({}), compileText({})].map(({ artifacts }) =>
      artifacts === undefined ? '' : writeArtifacts(artifacts),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe('');
  });
});

describe('code_version', () => {
  const versionOf = (dbt: string, id: string): string => nodeOf({ dbt }, id).code_version;
  const ids = ['model.bakery.int_priced', 'model.bakery.stg_sales'];

  it('changes with a macro that the model reaches through another macro, and only there', () => {
    const changed = dbtManifestText.replace('round({{ expression }}, 2)', 'round({{ expression }}, 3)');
    expect(changed).not.toBe(dbtManifestText);
    expect(ids.map((id) => versionOf(changed, id) === versionOf(dbtManifestText, id))).toEqual([false, true]);
  });

  it('changes with the code and with settings that matter, not with descriptions', () => {
    const manifest = JSON.parse(dbtManifestText) as {
      nodes: Record<string, { config: Record<string, unknown>; checksum: object; description: string }>;
    };
    const withNode = (change: object): string =>
      JSON.stringify({
        ...manifest,
        nodes: {
          ...manifest.nodes,
          'model.bakery.stg_sales': { ...manifest.nodes['model.bakery.stg_sales'], ...change },
        },
      });
    const config = manifest.nodes['model.bakery.stg_sales']?.config;
    const before = versionOf(dbtManifestText, 'model.bakery.stg_sales');
    expect(versionOf(withNode({ checksum: { name: 'sha256', checksum: 'other' } }), 'model.bakery.stg_sales')).not.toBe(
      before,
    );
    expect(versionOf(withNode({ config: { ...config, materialized: 'table' } }), 'model.bakery.stg_sales')).not.toBe(
      before,
    );
    expect(
      versionOf(
        withNode({ description: 'other', config: { ...config, meta: {}, tags: ['x'] } }),
        'model.bakery.stg_sales',
      ),
    ).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{64}$/u);
  });
});
