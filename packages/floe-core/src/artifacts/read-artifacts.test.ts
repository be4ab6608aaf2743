import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatLocation } from '../errors/problem.js';
import { deriveOrchestration } from './derive-orchestration.js';
import { jsonSyntaxPosition } from './json-position.js';
import { readArtifacts, type ArtifactsReading } from './read-artifacts.js';
import { writeArtifacts } from './write-artifacts.js';

const base = {
  metadata: {
    compiled_at: '2026-11-23T14:49:33.086058',
    floe_version: '0.3.0',
    source_hash: `sha256:${'0'.repeat(64)}`,
    product_name: 'customer-360',
    product_version: '1.0.0',
  },
  identity: { product_id: 'default.customer_360', domain: 'default', repository: '' },
  observability: {
    telemetry: {
      resource_attributes: {
        service_name: 'customer-360',
        service_version: '1.0.0',
        deployment_environment: 'dev',
        floe_namespace: 'default',
        floe_product_name: 'customer-360',
        floe_product_version: '1.0.0',
        floe_mode: 'dev',
      },
    },
    lineage_namespace: 'customer-360',
  },
};
const transforms = {
  models: [
    { name: 'stg_customers', compute: 'duckdb', tags: ['staging'], quality_tier: 'bronze' },
    { name: 'mart_customers', compute: 'duckdb', depends_on: ['stg_customers'], quality_tier: 'gold' },
  ],
  default_compute: 'duckdb',
};
const plugins = { compute: { type: 'duckdb', version: '0.0.0' }, orchestrator: { type: 'dagster', version: '0.0.0' } };
const recent = { version: '0.10.0', ...base, transforms, plugins };

function read(value: unknown): ArtifactsReading {
  return readArtifacts(JSON.stringify(value, null, 2), 'compiled_artifacts.json');
}

function findings(reading: ArtifactsReading): string[] {
  return reading.problems.map(
    (problem) => `${problem.severity} ${problem.code} ${formatLocation(problem.location ?? {})}`,
  );
}

describe('readArtifacts', () => {
  it('reads a file of the Python floe and fills in the defaults', () => {
    const { artifacts, problems } = read(recent);
    expect(problems).toEqual([]);
    expect(artifacts?.mode).toBe('simple');
    expect(artifacts?.observability.telemetry).toMatchObject({
      enabled: true,
      otlp_endpoint: 'http://localhost:4317',
      sampling: { dev: 1, staging: 0.5, prod: 0.1 },
      batch_processor: { max_queue_size: 2048, max_export_batch_size: 512 },
      logging: { log_level: 'INFO', json_output: true },
    });
    expect(artifacts?.orchestration).toBeNull();
  });

  it.each([
    [
      '0.1.0',
      {
        ...base,
        version: '0.1.0',
        mode: 'centralized',
        inheritance_chain: [{ name: 'acme', version: '1.0.0', scope: 'enterprise', ref: 'oci://x' }],
        transforms,
      },
    ],
    [
      '0.5.0 with a comment',
      {
        $comment: 'semantic layer',
        ...recent,
        version: '0.5.0',
        plugins: { ...plugins, semantic: { type: 'cube', version: '0.1.0' } },
      },
    ],
    [
      '0.6.0 with a comment',
      {
        $comment: 'ingestion',
        ...recent,
        version: '0.6.0',
        plugins: { ...plugins, ingestion: { type: 'dlt', version: '0.1.0', config: { retries: 3 } } },
      },
    ],
    ['without a version', { ...base, transforms }],
    [
      'all sections',
      {
        ...recent,
        dbt_profiles: { 'customer-360': { target: 'dev', outputs: { dev: { type: 'duckdb' } } } },
        governance: {
          pii_encryption: 'required',
          default_ttl_hours: 8760,
          snapshot_keep_last: 100,
          stale_table_recovery_mode: 'repair',
        },
        enforcement_result: {
          passed: true,
          error_count: 0,
          warning_count: 0,
          policy_types_checked: [],
          models_validated: 2,
          enforcement_level: 'warn',
        },
        data_contracts: [{ apiVersion: 'v3.1.0', kind: 'DataContract' }],
        quality_config: { provider: 'dbt' },
      },
    ],
  ])('reads %s', (_name, value) => {
    const { artifacts, problems } = read(value);
    expect(problems).toEqual([]);
    expect(artifacts).toBeDefined();
  });

  it.each([
    '2026-11-23T14:49:33.086058',
    '2026-11-23T14:49:33Z',
    '2026-11-23T14:49:33.1+02:00',
    '2026-11-23 14:49:33',
    '2026-11-23T14:49:33-0500',
  ])('takes the time %s', (time) => {
    expect(read({ ...recent, metadata: { ...base.metadata, compiled_at: time } }).problems).toEqual([]);
  });

  it('takes log levels in any case', () => {
    const observability = {
      ...base.observability,
      telemetry: { ...base.observability.telemetry, logging: { log_level: 'warninG' } },
    };
    expect(read({ ...recent, observability }).artifacts?.observability.telemetry.logging.log_level).toBe('warninG');
  });

  it('keeps unknown keys and warns of each with its place', () => {
    const reading = read({
      ...recent,
      orchestation: 1,
      plugins: { ...plugins, compute: { ...plugins.compute, tuning: 2 } },
    });
    expect(findings(reading)).toEqual([
      'warning UNKNOWN_KEY compiled_artifacts.json:54:7 (plugins.compute.tuning)',
      'warning UNKNOWN_KEY compiled_artifacts.json:61:3 (orchestation)',
    ]);
    expect(reading.problems.find((problem) => problem.location?.node === 'orchestation')?.resolution).toBe(
      'Did you mean "orchestration"?',
    );
    expect(reading.artifacts).toHaveProperty('orchestation', 1);
    expect(reading.artifacts?.plugins?.compute).toHaveProperty('tuning', 2);
  });

  it('does not warn of keys inside free sections', () => {
    expect(
      read({ ...recent, plugins: { ...plugins, compute: { ...plugins.compute, config: { anything: { goes: 1 } } } } })
        .problems,
    ).toEqual([]);
  });

  it('reads a newer 0.x with a warning', () => {
    const reading = read({ ...recent, version: '0.12.0' });
    expect(findings(reading)).toEqual(['warning ARTIFACTS_VERSION compiled_artifacts.json:2:14 (version)']);
    expect(reading.artifacts).toBeDefined();
  });

  it.each<[string, unknown, string[]]>([
    ['version 1.0.0', { version: '1.0.0' }, ['error ARTIFACTS_VERSION compiled_artifacts.json:2:14 (version)']],
    [
      'version 99.0.0',
      { ...recent, version: '99.0.0' },
      ['error ARTIFACTS_VERSION compiled_artifacts.json:2:14 (version)'],
    ],
    [
      'another orchestration schema',
      { ...recent, orchestration: { schema: 2 } },
      ['error ARTIFACTS_VERSION compiled_artifacts.json:61:15 (orchestration.schema)'],
    ],
    ['nothing to run', { ...recent, transforms: null }, ['error ARTIFACTS_EMPTY compiled_artifacts.json (transforms)']],
    [
      'no models',
      { ...recent, transforms: { models: [], default_compute: 'duckdb' } },
      ['error ARTIFACTS_INVALID compiled_artifacts.json:30:15 (transforms.models)'],
    ],
    ['a list', [], ['error ARTIFACTS_INVALID compiled_artifacts.json:1:1']],
    [
      'a wrong time',
      { ...recent, metadata: { ...base.metadata, compiled_at: 'yesterday' } },
      ['error ARTIFACTS_INVALID compiled_artifacts.json:4:20 (metadata.compiled_at)'],
    ],
    [
      'a wrong log level',
      {
        ...recent,
        observability: {
          ...base.observability,
          telemetry: { ...base.observability.telemetry, logging: { log_level: 'LOUD' } },
        },
      },
      ['error ARTIFACTS_INVALID compiled_artifacts.json:27:22 (observability.telemetry.logging.log_level)'],
    ],
    [
      'weights that do not add up',
      { ...recent, quality_config: { provider: 'dbt', dimension_weights: { accuracy: 0.5 } } },
      ['error ARTIFACTS_INVALID compiled_artifacts.json:62:26 (quality_config.dimension_weights)'],
    ],
    [
      'a batch above the queue',
      {
        ...recent,
        observability: {
          ...base.observability,
          telemetry: { ...base.observability.telemetry, batch_processor: { max_queue_size: 10 } },
        },
      },
      [
        'error ARTIFACTS_INVALID compiled_artifacts.json:26:26 (observability.telemetry.batch_processor.max_export_batch_size)',
      ],
    ],
  ])('refuses %s', (_name, value, expected) => {
    const reading = read(value);
    expect(findings(reading)).toEqual(expected);
    expect(reading.artifacts).toBeUndefined();
  });

  it('says in one sentence why a version is refused', () => {
    expect(read({ version: '1.0.0' }).problems[0]?.message).toBe(
      'The artifacts have contract version 1.0.0, but this floe reads 0.x only (it writes 0.11.0).',
    );
  });

  it('finds where the JSON text ends too early', () => {
    const text = JSON.stringify(recent, null, 2);
    const reading = readArtifacts(text.slice(0, 60), 'compiled_artifacts.json');
    expect(findings(reading)).toEqual(['error JSON_SYNTAX compiled_artifacts.json:4:20']);
    expect(reading.problems[0]?.message).toContain('cut off');
  });

  it('finds every truncation and every broken character', () => {
    const text = JSON.stringify({ ...recent, list: [1, -2.5e3, true, null, 'a"b\\c'] }, null, 1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
        const position = jsonSyntaxPosition(text.slice(0, length));
        expect(position.atEnd).toBe(true);
        expect(readArtifacts(text.slice(0, length), 'a').problems).toMatchObject([{ code: 'JSON_SYNTAX' }]);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (offset) => {
        const broken = `${text.slice(0, offset)}\u0001${text.slice(offset)}`;
        const { line, column } = jsonSyntaxPosition(broken);
        const before = broken.slice(0, offset);
        expect(line).toBe(before.split('\n').length);
        expect(column).toBeLessThanOrEqual(offset - before.lastIndexOf('\n'));
      }),
    );
  });

  it('gives back what was written, whatever the order of the keys', () => {
    const { artifacts } = read({ ...recent, extra: { b: 1, a: 2 } });
    if (artifacts === undefined) throw new Error('not read');
    const text = writeArtifacts(artifacts);
    expect(readArtifacts(text, 'a').artifacts).toEqual(artifacts);
    const reversed = Object.fromEntries(Object.entries(artifacts).reverse()) as typeof artifacts;
    expect(writeArtifacts(reversed)).toBe(text);
    expect(Object.keys(JSON.parse(text) as object).slice(0, 3)).toEqual(['version', 'metadata', 'identity']);
    expect(text).toContain('"governance": null');
  });
});

describe('deriveOrchestration', () => {
  it('makes one model each, no checks and no triggers', () => {
    const { artifacts } = read(recent);
    if (artifacts === undefined) throw new Error('not read');
    const derived = deriveOrchestration(artifacts);
    expect(derived).toMatchObject({
      ok: true,
      value: {
        target: 'dev',
        dbt: { project_name: 'customer_360', adapter_type: 'duckdb', profile: 'customer_360' },
        checks: [],
        schedules: [],
        sensors: [],
        edges: [['model.customer_360.stg_customers', 'model.customer_360.mart_customers']],
      },
    });
    expect(derived.ok && derived.value.nodes.map((node) => [node.unique_id, node.tier, node.tags])).toEqual([
      ['model.customer_360.stg_customers', 'bronze', ['staging']],
      ['model.customer_360.mart_customers', 'gold', []],
    ]);
  });

  it('takes the profile and its target from dbt_profiles', () => {
    const { artifacts } = read({ ...recent, dbt_profiles: { warehouse: { target: 'prod', outputs: {} } } });
    if (artifacts === undefined) throw new Error('not read');
    expect(deriveOrchestration(artifacts)).toMatchObject({ value: { target: 'prod', dbt: { profile: 'warehouse' } } });
  });
});
