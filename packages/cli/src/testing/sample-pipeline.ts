import type { Asset, Check, Pipeline } from '@floe/core/pipeline/pipeline';

/** A pipeline by a short notation for tests: names with what they read, `source:` names are sources. */
export function samplePipeline(reads: Readonly<Record<string, readonly string[]>>, checks: readonly string[] = []): Pipeline {
  const idOf = (name: string): string => (name.startsWith('source:') ? `source.shop.raw.${name.slice(7)}` : `model.shop.${name}`);
  const sources = [...new Set(Object.values(reads).flat())].filter((name) => name.startsWith('source:'));
  return {
    product: { name: 'shop', version: '1.0.0', environment: 'dev', platform: 'local' },
    dbt: { projectName: 'shop', profile: 'shop', target: 'dev', adapter: 'duckdb', vars: {} },
    assets: Object.entries(reads).map(([name, upstream]) => sampleAsset(name, upstream.map(idOf))),
    checks: checks.map((name) => sampleCheck(name, idOf(name))),
    sources: sources.map((name) => ({
      id: idOf(name),
      key: ['shop', 'raw', name.slice(7)],
      sourceName: 'raw',
      name: name.slice(7),
      description: '',
      file: 'models/sources.yml',
      tags: [],
      relation: null,
      producer: null,
      seed: null,
    })),
    exposures: [],
    jobs: [{ name: 'shop', select: null, exclude: null, assets: Object.keys(reads).map(idOf).sort(), checks: [] }],
    schedules: [],
    sensors: [],
    execution: {
      timeout: 3600,
      nodeTimeout: null,
      queueTimeout: 600,
      startTimeout: 300,
      threads: 4,
      retries: { max: 0, initialDelay: 5, maxDelay: 300, factor: 2, jitter: 0.2, dataErrors: false },
      restarts: 0,
      onBusy: 'wait',
      dbtPython: null,
    },
  };
}

function sampleAsset(name: string, upstream: readonly string[]): Asset {
  return {
    id: `model.shop.${name}`,
    key: ['shop', name],
    keyOverrides: {},
    kind: 'model',
    name,
    materialized: 'table',
    description: '',
    file: `models/${name}.sql`,
    fqn: ['shop', name],
    tags: [],
    group: null,
    owners: [],
    tier: null,
    columns: [],
    relation: null,
    codeVersion: '',
    upstream,
  };
}

function sampleCheck(name: string, primary: string): Check {
  return {
    id: `test.shop.not_null_${name}`,
    name: `not_null_${name}`,
    kind: 'generic',
    primary,
    additional: [],
    severity: 'error',
    description: '',
    column: null,
    file: 'models/schema.yml',
    tags: [],
  };
}
