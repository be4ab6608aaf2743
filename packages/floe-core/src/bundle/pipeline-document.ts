import type { Asset, Pipeline, Relation } from '../pipeline/pipeline.js';
import { compareText } from '../text/compare-text.js';

/** Where a bundle has its dbt project, relative to its folder. */
export interface BundleFolders {
  readonly projectDirectory: string;
  readonly profilesDirectory: string;
}

/**
 * pipeline.json: what the Python runtime reads instead of dbt's manifest. snake_case, compact, sorted by id, with a
 * line break at the end; equal pipelines give equal bytes.
 * @param observability what `observabilityDocument` gives; absent is without lineage and traces
 */
export function writePipelineDocument(pipeline: Pipeline, folders: BundleFolders, observability?: unknown): string {
  return `${JSON.stringify(pipelineDocument(pipeline, folders, observability))}\n`;
}

function pipelineDocument(pipeline: Pipeline, folders: BundleFolders, observability: unknown): unknown {
  const { product, dbt, execution } = pipeline;
  const { retries } = execution;
  return {
    schema: 1,
    product: {
      name: product.name,
      version: product.version,
      environment: product.environment,
      platform: product.platform,
    },
    dbt: {
      project_name: dbt.projectName,
      profile: dbt.profile,
      target: dbt.target,
      adapter: dbt.adapter,
      vars: sortKeys(dbt.vars),
      project_dir: folders.projectDirectory,
      profiles_dir: folders.profilesDirectory,
    },
    nodes: byId(pipeline.assets).map((asset) => ({
      id: asset.id,
      kind: asset.kind,
      name: asset.name,
      materialized: asset.materialized,
      relation: relationOf(asset.relation),
      upstream: asset.upstream,
    })),
    checks: byId(pipeline.checks).map((check) => ({
      id: check.id,
      name: check.name,
      kind: check.kind,
      primary: check.primary,
      additional: check.additional,
      severity: check.severity,
      column: check.column,
    })),
    sources: byId(pipeline.sources).map((source) => ({ id: source.id, relation: relationOf(source.relation) })),
    seeds_first: seedsFirst(pipeline),
    execution: {
      timeout: execution.timeout,
      node_timeout: execution.nodeTimeout,
      threads: execution.threads,
      retries: {
        max: retries.max,
        initial_delay: retries.initialDelay,
        max_delay: retries.maxDelay,
        factor: retries.factor,
        jitter: retries.jitter,
        data_errors: retries.dataErrors,
      },
      restarts: execution.restarts,
      dbt_python: execution.dbtPython,
    },
    ...(observability !== undefined && { observability }),
  };
}

/** Seeds that load a relation which a source() reads: dbt knows no edge between the two, so they run first. */
function seedsFirst(pipeline: Pipeline): string[] {
  const assets = new Map(pipeline.assets.map((asset): [string, Asset] => [asset.id, asset]));
  const seeds = pipeline.sources.flatMap((source) =>
    source.seed === null || !assets.has(source.seed) ? [] : [source.seed],
  );
  return [...new Set(seeds)].sort(compareText);
}

function relationOf(relation: Relation | null): readonly [string | null, string, string] | null {
  return relation === null ? null : [relation.database, relation.schema, relation.identifier];
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return [...items].sort((left, right) => compareText(left.id, right.id));
}

/** Plain data with the keys of every object in order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => compareText(left, right))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}
