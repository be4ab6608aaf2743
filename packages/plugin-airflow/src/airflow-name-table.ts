import type { Problem } from '@floe/core/errors/problem';
import type { Pipeline, SourceAsset } from '@floe/core/pipeline/pipeline';
import {
  assetName,
  assetNameLimit,
  assetUri,
  dagIdLimit,
  dagIdOf,
  isReservedAssetName,
  qualifiedCheckName,
  scheduleDagId,
  sensorDagId,
} from './airflow-names.js';

/** An asset at Airflow. */
export interface NativeAsset {
  readonly name: string;
  readonly uri: string;
}

/** Every name of a product at Airflow, by dbt unique_id or by the name in the pipeline. */
export interface NameTable {
  /** The DAG that runs the product. */
  readonly dagId: string;
  /** The product itself, updated by each of its successful runs. */
  readonly product: NativeAsset;
  /** Assets and sources. */
  readonly assets: ReadonlyMap<string, NativeAsset>;
  readonly checks: ReadonlyMap<string, string>;
  /** DAGs of schedules and of sensors. */
  readonly schedules: ReadonlyMap<string, string>;
  readonly sensors: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

/** Names everything of a pipeline and finds what Airflow would refuse or confuse. */
export function buildNameTable(pipeline: Pipeline): NameTable {
  const { name: product } = pipeline.product;
  const problems: Problem[] = [];
  const assets = ownAssets(pipeline, problems);
  for (const [id, native] of sourceAssets(pipeline, assets)) assets.set(id, native);
  const productAsset = nativeAsset([product]);
  problems.push(...refusedNames(pipeline, assets), ...refusedProduct(productAsset.name));
  const schedules = new Map(pipeline.schedules.map(({ name }) => [name, scheduleDagId(product, name)]));
  const sensors = new Map(pipeline.sensors.map(({ name }) => [name, sensorDagId(product, name)]));
  const dagId = dagIdOf(product);
  problems.push(...longDagIds([dagId, ...schedules.values(), ...sensors.values()]));
  return {
    dagId,
    product: productAsset,
    assets,
    checks: new Map(
      pipeline.checks.map((check) => {
        const parent = check.primary === null ? undefined : assets.get(check.primary);
        return [check.id, qualifiedCheckName(parent?.name ?? productAsset.name, check.name)];
      }),
    ),
    schedules,
    sensors,
    problems,
  };
}

/** An asset by the parts of its key. */
export function nativeAsset(key: readonly string[]): NativeAsset {
  const name = assetName(key);
  return { name, uri: assetUri(name) };
}

function ownAssets(pipeline: Pipeline, problems: Problem[]): Map<string, NativeAsset> {
  const assets = new Map<string, NativeAsset>();
  const owners = new Map<string, { readonly id: string; readonly file: string }>();
  for (const asset of pipeline.assets) {
    const native = nativeAsset(asset.keyOverrides.airflow ?? asset.key);
    const other = owners.get(native.name);
    if (other === undefined) owners.set(native.name, asset);
    else problems.push(collision(native.name, asset, other));
    assets.set(asset.id, native);
  }
  return assets;
}

/** Names of sources; one that an asset of the product has already gets `.source` at its end. */
function sourceAssets(pipeline: Pipeline, assets: ReadonlyMap<string, NativeAsset>): [string, NativeAsset][] {
  const taken = new Set([...assets.values()].map(({ name }) => name));
  return pipeline.sources.map((source): [string, NativeAsset] => [source.id, nativeAsset(freeKey(source, taken))]);
}

function freeKey({ key, producer }: SourceAsset, taken: Set<string>): readonly string[] {
  // What another product makes keeps its name: the other product knows no other.
  if (producer !== null) return key;
  let free = key;
  while (taken.has(assetName(free))) free = [...free.slice(0, -1), `${free.at(-1) ?? ''}.source`];
  taken.add(assetName(free));
  return free;
}

function collision(
  name: string,
  asset: { readonly id: string; readonly file: string },
  other: { readonly id: string; readonly file: string },
): Problem {
  return {
    code: 'NAME_COLLISION',
    severity: 'error',
    message: `${asset.id} and ${other.id} would both be the asset "${name}" at Airflow.`,
    resolution: `Rename one of them (${asset.file} or ${other.file}), or give one another key with meta.airflow.asset_key.`,
    location: { file: asset.file, node: asset.id },
  };
}

function refusedNames(pipeline: Pipeline, assets: ReadonlyMap<string, NativeAsset>): Problem[] {
  return [...pipeline.assets, ...pipeline.sources].flatMap(({ id, file }) => {
    const native = assets.get(id);
    if (native === undefined || (!isReservedAssetName(native.name) && native.uri.length <= assetNameLimit)) return [];
    const reason = isReservedAssetName(native.name)
      ? 'which is a word that Airflow keeps for itself'
      : `which has more than the ${assetNameLimit} characters that Airflow takes with its address`;
    return [
      {
        code: 'NAME_NOT_ALLOWED' as const,
        severity: 'error' as const,
        message: `${id} would be the asset "${native.name.slice(0, 60)}" at Airflow, ${reason}.`,
        resolution: 'Give it another key with meta.airflow.asset_key, or rename it.',
        location: { file, node: id },
      },
    ];
  });
}

function refusedProduct(name: string): Problem[] {
  if (!isReservedAssetName(name)) return [];
  return [
    {
      code: 'NAME_NOT_ALLOWED',
      severity: 'error',
      message: `The product "${name}" would be an asset of this name at Airflow, which keeps the word for itself.`,
      resolution: 'Rename the product in metadata.name of floe.yaml.',
      location: { node: 'metadata.name' },
    },
  ];
}

function longDagIds(ids: readonly string[]): Problem[] {
  return ids
    .filter((id) => id.length > dagIdLimit)
    .map((id) => ({
      code: 'NAME_NOT_ALLOWED',
      severity: 'error',
      message: `"${id.slice(0, 60)}…" would be the id of a DAG with more than ${dagIdLimit} characters, which Airflow refuses.`,
      resolution: 'Shorten the name of the product, the schedule or the sensor.',
      location: { node: id },
    }));
}
