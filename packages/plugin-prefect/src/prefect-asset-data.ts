import type { Asset, Check, Pipeline } from '@floe/core/pipeline/pipeline';
import type { NameTable } from './prefect-name-table.js';

/**
 * A node in prefect.json: what its task run shows. `waits` are indices into the nodes: dbt's edges, as a build waits for
 * them. What is empty is left out.
 */
export interface NodeEntry {
  readonly id: string;
  readonly name: string;
  readonly kind: 'model' | 'seed' | 'snapshot' | 'test' | 'unit_test';
  readonly waits?: readonly number[];
  /** Key of the asset that the node makes. */
  readonly asset?: string;
  /** Keys of what the asset is made from. */
  readonly upstream?: readonly string[];
}

/** The part of prefect.json about nodes: assets first, then checks. */
export function buildNodes(pipeline: Pipeline, names: NameTable): NodeEntry[] {
  const indices = new Map([...pipeline.assets, ...pipeline.checks].map(({ id }, index) => [id, index]));
  const indicesOf = (ids: readonly string[]): number[] =>
    [...new Set(ids.flatMap((id) => indices.get(id) ?? []))].sort((left, right) => left - right);
  const unitTests = unitTestsByModel(pipeline.checks);
  const assets = new Map(pipeline.assets.map((asset) => [asset.id, asset]));
  return [
    ...pipeline.assets.map((asset) =>
      assetEntry(asset, names, indicesOf([...asset.upstream, ...(unitTests.get(asset.id) ?? [])])),
    ),
    ...pipeline.checks.map((check) => checkEntry(check, indicesOf(parentsOf(check, assets)))),
  ];
}

function assetEntry(asset: Asset, names: NameTable, waits: readonly number[]): NodeEntry {
  const upstream = [...new Set(asset.upstream.flatMap((id) => names.keys.get(id) ?? []))];
  return {
    id: asset.id,
    // The last part tells versions and packages apart, as people know them.
    name: asset.key.slice(1).join('.') || asset.name,
    kind: asset.kind,
    ...(waits.length > 0 && { waits }),
    asset: names.keys.get(asset.id) ?? asset.id,
    ...(upstream.length > 0 && { upstream }),
  };
}

function checkEntry(check: Check, waits: readonly number[]): NodeEntry {
  return {
    id: check.id,
    name: check.name,
    kind: check.kind === 'unit' ? 'unit_test' : 'test',
    ...(waits.length > 0 && { waits }),
  };
}

/** What a check waits for: a unit test for what its model reads, any other test for all that it reads itself. */
function parentsOf(check: Check, assets: ReadonlyMap<string, Asset>): readonly string[] {
  const primary = check.primary === null ? [] : [check.primary];
  if (check.kind !== 'unit') return [...primary, ...check.additional];
  return primary.flatMap((id) => assets.get(id)?.upstream ?? []);
}

function unitTestsByModel(checks: readonly Check[]): ReadonlyMap<string, readonly string[]> {
  const tests = new Map<string, string[]>();
  for (const { kind, primary, id } of checks) {
    if (kind === 'unit' && primary !== null) tests.set(primary, [...(tests.get(primary) ?? []), id]);
  }
  return tests;
}

/** [upstream, downstream] keys of assets, sources and exposures, each once. */
export function edgesOf(pipeline: Pipeline, names: NameTable): (readonly [string, string])[] {
  const edges = new Map<string, readonly [string, string]>();
  for (const { id, upstream } of [...pipeline.assets, ...pipeline.exposures]) {
    for (const parent of upstream) {
      const [from, to] = [names.keys.get(parent), names.keys.get(id)];
      if (from !== undefined && to !== undefined) edges.set(JSON.stringify([from, to]), [from, to]);
    }
  }
  return [...edges.values()];
}
