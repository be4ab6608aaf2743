import type { Asset, Check, ExecutionPolicy, Pipeline } from '../pipeline/pipeline.js';

export interface ChainPipelineOptions {
  readonly product?: string;
  /** Number of models; each reads the one before it and has one test. Default 3. */
  readonly models?: number;
  readonly execution?: Partial<ExecutionPolicy>;
}

/** The smallest product that has everything a run needs: models in a chain, each with a test. */
export function createChainPipeline({ product = 'shop', models = 3, execution }: ChainPipelineOptions = {}): Pipeline {
  const names = Array.from({ length: models }, (_, index) => `model_${index + 1}`);
  const assets = names.map((name, index): Asset => chainAsset(product, name, names[index - 1]));
  const checks = names.map((name): Check => chainCheck(product, name));
  return {
    product: { name: product, version: '1.0.0', environment: 'dev', platform: 'local' },
    dbt: { projectName: product, profile: product, target: 'dev', adapter: 'duckdb', vars: {} },
    assets,
    checks,
    sources: [],
    exposures: [],
    jobs: [
      {
        name: product,
        select: null,
        exclude: null,
        assets: assets.map(({ id }) => id).sort(),
        checks: checks.map(({ id }) => id).sort(),
      },
    ],
    schedules: [],
    sensors: [],
    execution: {
      timeout: 3_600,
      nodeTimeout: null,
      queueTimeout: 600,
      startTimeout: 300,
      threads: 4,
      retries: { max: 0, initialDelay: 5, maxDelay: 300, factor: 2, jitter: 0.2, dataErrors: false },
      restarts: 0,
      onBusy: 'wait',
      dbtPython: null,
      ...execution,
    },
    selection: {
      rootPackage: product,
      nodes: [
        ...assets.map((asset) => ({
          ...selectable(product, asset),
          resourceType: 'model' as const,
          materialized: asset.materialized,
          parents: asset.upstream,
        })),
        ...checks.map((check) => ({
          ...selectable(product, { ...check, fqn: [product, check.name] }),
          resourceType: 'test' as const,
          materialized: 'test',
          testKind: check.kind,
          testName: 'not_null',
          severity: check.severity,
          parents: check.primary === null ? [] : [check.primary],
        })),
      ],
    },
  };
}

function chainAsset(product: string, name: string, before: string | undefined): Asset {
  return {
    id: `model.${product}.${name}`,
    key: [product, name],
    keyOverrides: {},
    kind: 'model',
    name,
    materialized: 'table',
    description: '',
    file: `models/${name}.sql`,
    fqn: [product, name],
    tags: [],
    group: null,
    owners: [],
    tier: null,
    columns: [],
    relation: { database: null, schema: 'main', identifier: name },
    codeVersion: '1',
    upstream: before === undefined ? [] : [`model.${product}.${before}`],
  };
}

function chainCheck(product: string, model: string): Check {
  return {
    id: `test.${product}.not_null_${model}_id`,
    name: `not_null_${model}_id`,
    kind: 'generic',
    primary: `model.${product}.${model}`,
    additional: [],
    severity: 'error',
    description: '',
    column: 'id',
    file: `models/${model}.yml`,
    tags: [],
  };
}

function selectable(
  product: string,
  { id, name, fqn, file, tags }: Pick<Asset, 'id' | 'name' | 'fqn' | 'file' | 'tags'>,
) {
  return {
    id,
    package: product,
    name,
    sourceName: null,
    fqn,
    version: null,
    latestVersion: null,
    file,
    patchFile: null,
    tags,
    group: null,
    materialized: null,
    testKind: null,
    testName: null,
    severity: null,
    parents: [],
  };
}
