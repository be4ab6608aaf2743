import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { writeArtifacts } from '../artifacts/write-artifacts.js';
import { formatLocation } from '../errors/problem.js';
import { readPlatformManifest } from '../manifest/platform-manifest.js';
import { readProductSpec } from '../manifest/product-spec.js';
import { toPipeline } from '../pipeline/to-pipeline.js';
import { compile, type Compilation } from './compile.js';
import { readDbtManifest } from './dbt-manifest.js';
import { resolveSettings } from './settings.js';

const dbtManifestText = readFileSync(new URL('__fixtures__/bakery-manifest.json', import.meta.url), 'utf8');
const specHead = `apiVersion: floe.dev/v1
kind: FloeSpec
metadata: {name: bakery, version: 1.0.0}
`;
const manifestHead = `apiVersion: floe.dev/v1
kind: Manifest
metadata: {name: acme, version: 1.0.0, owner: platform}
plugins:
  orchestrator: {type: dagster}
  compute: {type: duckdb}
`;

interface Input {
  readonly spec?: string;
  readonly manifest?: string;
  readonly dbt?: string;
  readonly project?: string;
}

function compileText({ spec = '', manifest = '', dbt = dbtManifestText, project = 'bakery' }: Input): Compilation {
  const specText = specHead + spec;
  const manifestText = manifest.startsWith('apiVersion') ? manifest : manifestHead + manifest;
  const specReading = readProductSpec(specText, 'floe.yaml');
  const manifestReading = readPlatformManifest(manifestText, 'manifest.yaml');
  const dbtReading = readDbtManifest(dbt, 'target/manifest.json');
  if (
    specReading.document === undefined ||
    manifestReading.document === undefined ||
    dbtReading.manifest === undefined
  ) {
    return { problems: [...specReading.problems, ...manifestReading.problems, ...dbtReading.problems] };
  }
  return compile({
    spec: specReading.document,
    manifest: manifestReading.document,
    specText,
    manifestText,
    dbtProject: { name: project, profile: 'bakery' },
    resolved: resolveSettings(specReading.document, manifestReading.document, 'bakery'),
    dbtManifest: dbtReading.manifest,
    dbtManifestFile: 'target/manifest.json',
    compiledAt: '2026-01-01T00:00:00Z',
    floeVersion: '0.1.0',
  });
}

function orchestrationOf(input: Input) {
  const { artifacts, problems } = compileText(input);
  if (!artifacts?.orchestration) throw new Error(JSON.stringify(problems));
  return artifacts.orchestration;
}

function findings(input: Input): string[] {
  return compileText(input).problems.map(
    (problem) => `${problem.severity} ${problem.code} ${formatLocation(problem.location ?? {})}`,
  );
}

function nodeOf(input: Input, id: string) {
  const node = orchestrationOf(input).nodes.find((entry) => entry.unique_id === id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}

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

  it('lays transforms over the models and filters nothing', () => {
    const input = { spec: 'transforms: [{name: fct_revenue, tier: gold, tags: [board]}]\n' };
    expect(orchestrationOf(input).nodes).toHaveLength(9);
    expect(nodeOf(input, 'model.bakery.fct_revenue.v1')).toMatchObject({ tier: 'gold', tags: ['board', 'marts'] });
    expect(nodeOf(input, 'model.bakery.fct_revenue.v2')).toMatchObject({ tier: 'gold', tags: ['board', 'marts'] });
    expect(nodeOf(input, 'model.bakery.stg_sales')).toMatchObject({ tier: null });
  });

  it('takes declared edges that dbt has directly or further up', () => {
    expect(
      findings({ spec: 'transforms: [{name: fct_revenue, dependsOn: [int_priced, stg_sales, calendar_days]}]\n' }),
    ).toEqual([]);
  });

  it('warns once of dbt edges that are not declared', () => {
    const input = {
      spec: 'transforms:\n  - {name: fct_revenue, dependsOn: [stg_sales]}\n  - {name: int_priced, dependsOn: []}\n',
    };
    expect(findings(input)).toEqual(['warning UNDECLARED_DBT_EDGE floe.yaml:4:1 (transforms)']);
    expect(compileText(input).problems[0]?.message).toContain(
      'int_priced -> fct_revenue, calendar_days -> fct_revenue, stg_sales -> int_priced',
    );
  });

  it.each<[string, Input, string[]]>([
    [
      'an unknown model',
      { spec: 'transforms: [{name: stg_sale}]\n' },
      ['error UNKNOWN_MODEL floe.yaml:4:21 (transforms[0].name)'],
    ],
    [
      'an unknown dependency',
      { spec: 'transforms: [{name: fct_revenue, dependsOn: [int_prized]}]\n' },
      [
        'error UNKNOWN_MODEL floe.yaml:4:46 (transforms[0].dependsOn[0])',
        'warning UNDECLARED_DBT_EDGE floe.yaml:4:1 (transforms)',
      ],
    ],
    [
      'a declared edge that dbt does not have',
      { spec: 'transforms: [{name: stg_flour, dependsOn: [stg_sales]}]\n' },
      ['error UNDECLARED_DBT_EDGE floe.yaml:4:44 (transforms[0].dependsOn[0])'],
    ],
    [
      'a self-dependency',
      { spec: 'transforms: [{name: stg_sales, dependsOn: [stg_sales]}]\n' },
      ['error SELF_DEPENDENCY floe.yaml:4:44 (transforms[0].dependsOn[0])'],
    ],
    [
      'a cycle',
      { spec: 'transforms: [{name: stg_sales, dependsOn: [fct_revenue]}]\n' },
      ['error DEPENDENCY_CYCLE floe.yaml:4:44 (transforms[0].dependsOn[0])'],
    ],
    [
      'another compute',
      { spec: 'transforms: [{name: stg_sales, compute: spark}]\n' },
      ['error INVALID_VALUE floe.yaml:4:41 (transforms[0].compute)'],
    ],
    ['a manifest of another project', { project: 'brewery' }, ['error DBT_MANIFEST_MISMATCH target/manifest.json']],
    [
      'a manifest of another adapter',
      {
        manifest: manifestHead.replace(
          '{type: duckdb}',
          '{type: postgres, config: {host: a, user: b, password: env:C, dbname: d}}',
        ),
      },
      ['error DBT_MANIFEST_MISMATCH target/manifest.json'],
    ],
    ['a cut manifest', { dbt: dbtManifestText.slice(0, 400) }, ['error DBT_MANIFEST_INVALID target/manifest.json']],
    ['another JSON file', { dbt: '{"a": 1}' }, ['error DBT_MANIFEST_INVALID target/manifest.json']],
    [
      'an older manifest schema',
      { dbt: dbtManifestText.replace('manifest/v12', 'manifest/v9') },
      ['error DBT_MANIFEST_INVALID target/manifest.json'],
    ],
    [
      'no orchestrator',
      { manifest: manifestHead.replace('  orchestrator: {type: dagster}\n', '') },
      ['error MISSING_VALUE manifest.yaml:5:3 (plugins.orchestrator)'],
    ],
    [
      'no compute',
      { manifest: manifestHead.replace('  compute: {type: duckdb}\n', '') },
      ['error MISSING_VALUE manifest.yaml:5:3 (plugins.compute)'],
    ],
    [
      'a value above a limit',
      {
        spec: 'execution: {timeout: 7200, retries: {max: 9}}\n',
        manifest: 'execution: {limits: {timeout: 3600, retries: {max: 3}}}\n',
      },
      [
        'error INVALID_VALUE floe.yaml:4:22 (execution.timeout)',
        'error INVALID_VALUE floe.yaml:4:43 (execution.retries.max)',
      ],
    ],
    [
      'a default above its own limit',
      { manifest: 'execution: {defaults: {threads: 16}, limits: {threads: 8}}\n' },
      ['error INVALID_VALUE manifest.yaml:7:33 (execution.defaults.threads)'],
    ],
    [
      'an unknown preset',
      { manifest: 'resources: {web: smal}\n' },
      ['error INVALID_VALUE manifest.yaml:7:18 (resources.web)'],
    ],
    [
      'a secret that the platform does not allow',
      { spec: 'destinations: [{name: a, sink_type: rest, connection_secret_ref: env:CRM}]\n' },
      ['error SECRET_NOT_ALLOWED floe.yaml:4:66 (destinations[0].connection_secret_ref)'],
    ],
  ])('refuses %s', (_name, input, expected) => {
    expect(findings(input)).toEqual(expected);
    expect(compileText(input).artifacts).toBeUndefined();
  });

  it('names the remedy', () => {
    const problems = compileText({ spec: 'transforms: [{name: stg_flour, dependsOn: [stg_sales]}]\n' }).problems;
    expect(problems[0]?.resolution).toContain("-- depends_on: {{ ref('stg_sales') }}");
    expect(problems[0]?.resolution).toContain('models/stg_flour.sql');
    expect(compileText({ spec: 'transforms: [{name: stg_sale}]\n' }).problems[0]?.resolution).toBe(
      'Did you mean "stg_sales"?',
    );
    const limit = compileText({
      spec: 'execution: {timeout: 7200}\n',
      manifest: 'execution: {limits: {timeout: 3600}}\n',
    }).problems[0];
    expect(limit?.message).toBe('timeout is 7200, but the platform allows at most 3600 (manifest.yaml:7).');
  });

  it('takes execution settings from floe.yaml, then the defaults, under the limits', () => {
    const { execution } = orchestrationOf({
      spec: 'execution: {threads: 2, retries: {max: 1}}\n',
      manifest:
        'execution: {defaults: {threads: 3, queue_timeout: 50, retries: {initial_delay: 1}}, limits: {timeout: 1800, node_timeout: 900}}\n',
    });
    expect(execution).toMatchObject({
      threads: 2,
      queue_timeout: 50,
      timeout: 1800,
      node_timeout: 900,
      start_timeout: 300,
      retries: { max: 1, initial_delay: 1, factor: 2 },
    });
  });

  it('fills in resource presets', () => {
    const { resources } = orchestrationOf({
      manifest: `resource_presets: {tiny: {cpu_request: 50m, memory_limit: 64Mi}}
resources: {web: small, daemon: {preset: tiny, limits: {memory: 1Gi}}}
`,
    });
    expect(resources).toEqual({
      web: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
      daemon: { requests: { cpu: '50m' }, limits: { memory: '1Gi' } },
    });
  });

  it('lets a product use the secrets that the platform allows', () => {
    const spec = 'destinations: [{name: a, sink_type: rest, connection_secret_ref: k8s:team/crm}]\n';
    expect(findings({ spec, manifest: "allowed_secret_refs: ['k8s:team/*']\n" })).toEqual([]);
    expect(findings({ spec, manifest: "allowed_secret_refs: ['k8s:other/*']\n" })).toHaveLength(1);
  });

  it('names settings without effect once', () => {
    const manifest = `${manifestHead}  catalog: {type: polaris}\n  storage: {type: s3}\n`;
    const { problems, artifacts } = compileText({ manifest });
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        message: 'These settings are accepted but have no effect yet: plugins.catalog, plugins.storage.',
      },
    ]);
    expect(artifacts?.plugins?.catalog?.type).toBe('polaris');
  });

  it('keeps references and never values of secrets', () => {
    const manifest = manifestHead.replace(
      '{type: dagster}',
      "{type: dagster, config: {token: env:DAGSTER_TOKEN}, connection_secret_ref: 'k8s:floe/dagster'}",
    );
    const { artifacts } = compileText({ manifest });
    expect(artifacts?.plugins?.orchestrator).toMatchObject({
      config: { token: 'env:DAGSTER_TOKEN' },
      connection_secret_ref: 'k8s:floe/dagster',
    });
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
