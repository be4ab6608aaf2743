import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { NameTable, NativeAsset } from './airflow-name-table.js';
import { assetName } from './airflow-names.js';

/** An asset in airflow.json; `upstream` are indices into assets followed by externals, left out when empty. */
export interface AssetEntry extends NativeAsset {
  readonly id: string;
  readonly upstream?: readonly number[];
}

/** An exposure; `upstream` as for an asset. */
export interface ExposureEntry {
  readonly id: string;
  readonly name: string;
  readonly upstream?: readonly number[];
}

export interface AssetData {
  readonly product_asset: NativeAsset;
  /** What the product makes. */
  readonly assets: readonly AssetEntry[];
  /** Sources, each name once. */
  readonly externals: readonly AssetEntry[];
  /** Readers of assets that Airflow has no object for: they are named in the product's documentation. */
  readonly exposures: readonly ExposureEntry[];
  /** dbt unique_ids. */
  readonly checks: readonly string[];
}

/** The part of airflow.json about assets and checks. */
export function buildAssetData(pipeline: Pipeline, names: NameTable): AssetData {
  const indices = new Map<string, number>();
  pipeline.assets.forEach(({ id }, index) => indices.set(id, index));
  const sources = externalSources(pipeline, names, indices);
  const indicesOf = (upstream: readonly string[]): { readonly upstream?: readonly number[] } => {
    const found = [...new Set(upstream.flatMap((parent) => indices.get(parent) ?? []))].sort((a, b) => a - b);
    return found.length > 0 ? { upstream: found } : {};
  };
  const entry = (id: string, upstream: readonly string[]): AssetEntry => {
    const { name, uri } = nativeOf(names, id);
    return { id, name, uri, ...indicesOf(upstream) };
  };
  return {
    product_asset: names.product,
    assets: pipeline.assets.map(({ id, upstream }) => entry(id, upstream)),
    externals: sources.map(({ id, seed }) => entry(id, seed === null ? [] : [seed])),
    exposures: pipeline.exposures.map(({ id, key, upstream }) => ({
      id,
      name: assetName(key),
      ...indicesOf(upstream),
    })),
    checks: pipeline.checks.map(({ id }) => id),
  };
}

/** Two sources may be one asset of another product: it is shown once. Fills the indices. */
function externalSources(pipeline: Pipeline, names: NameTable, indices: Map<string, number>): Pipeline['sources'] {
  const byName = new Map<string, number>(
    pipeline.assets.map(({ id }, index): [string, number] => [nativeOf(names, id).name, index]),
  );
  return pipeline.sources.filter(({ id }) => {
    const { name } = nativeOf(names, id);
    const known = byName.get(name);
    const index = known ?? byName.size;
    byName.set(name, index);
    indices.set(id, index);
    return known === undefined;
  });
}

function nativeOf(names: NameTable, id: string): NativeAsset {
  return names.assets.get(id) ?? { name: id, uri: id };
}
