import type { Problem } from '@floe/core/errors/problem';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import {
  assetName,
  assetUri,
  assetUriLimit,
  dagIdLimit,
  dagIdOf,
  isReservedAssetName,
  productTag,
  qualifiedCheckName,
  scheduleDagId,
  sensorDagId,
  tagLimit,
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
  const assets = namedAssets(pipeline);
  const productAsset = nativeAsset([product]);
  const schedules = new Map(pipeline.schedules.map(({ name }) => [name, scheduleDagId(product, name)]));
  const sensors = new Map(pipeline.sensors.map(({ name }) => [name, sensorDagId(product, name)]));
  const dagId = dagIdOf(product);
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
    problems: [
      ...refusedNames(pipeline, assets, productAsset.name),
      ...refusedProduct(productAsset.name),
      ...longDagIds([dagId, ...schedules.values(), ...sensors.values()]),
    ],
  };
}

/** An asset by the parts of its key. */
export function nativeAsset(key: readonly string[]): NativeAsset {
  const name = assetName(key);
  return { name, uri: assetUri(name) };
}

/** Assets and sources; the pipeline has refused equal keys already, and different keys have different names. */
function namedAssets(pipeline: Pipeline): Map<string, NativeAsset> {
  return new Map([
    ...pipeline.assets.map(({ id, key, keyOverrides }) => [id, nativeAsset(keyOverrides.airflow ?? key)] as const),
    ...pipeline.sources.map(({ id, key }) => [id, nativeAsset(key)] as const),
  ]);
}

function refusedNames(pipeline: Pipeline, assets: ReadonlyMap<string, NativeAsset>, product: string): Problem[] {
  return [...pipeline.assets, ...pipeline.sources].flatMap(({ id, file }) => {
    const native = assets.get(id);
    const reason = native === undefined ? undefined : whyRefused(native, product);
    if (native === undefined || reason === undefined) return [];
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

function whyRefused({ name, uri }: NativeAsset, product: string): string | undefined {
  if (isReservedAssetName(name)) return 'which is a word that Airflow keeps for itself';
  if (name === product) return 'which is the product itself';
  if (uri.length > assetUriLimit)
    return `which has with its address more than the ${assetUriLimit} characters that fit`;
  return undefined;
}

function refusedProduct(name: string): Problem[] {
  const isLong = productTag(name).length > tagLimit;
  if (!isReservedAssetName(name) && !isLong) return [];
  const reason = isLong
    ? `is longer than the ${tagLimit - productTag('').length} characters that fit into a tag of Airflow`
    : 'would be an asset of this name at Airflow, which keeps the word for itself';
  return [
    {
      code: 'NAME_NOT_ALLOWED',
      severity: 'error',
      message: `The product "${name}" ${reason}.`,
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
