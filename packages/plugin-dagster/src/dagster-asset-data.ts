import type { Asset, Check, Exposure, Pipeline, Relation, SourceAsset } from '@floe/core/pipeline/pipeline';
import type { NameTable } from './dagster-name-table.js';
import { assetName, groupName } from './dagster-names.js';
import { ownerName, tagKey } from './dagster-tags.js';

/** An asset in dagster.json; `deps` are indices into assets followed by externals. What is empty is left out. */
export interface AssetEntry {
  readonly id: string;
  readonly key: readonly string[];
  readonly deps?: readonly number[];
  readonly group?: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly kinds?: readonly string[];
  readonly owners?: readonly string[];
  readonly code_version?: string;
  readonly table?: string;
  /** [name, type, description]. */
  readonly columns?: readonly (readonly string[])[];
}

/** A source, an exposure, or the product itself. */
export interface ExternalEntry {
  readonly id: string;
  readonly key: readonly string[];
  readonly deps?: readonly number[];
  readonly group?: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly kinds?: readonly string[];
  readonly owners?: readonly string[];
  readonly table?: string;
  readonly url?: string;
}

/** A check; `asset` and `also` are indices into assets followed by externals. */
export interface CheckEntry {
  readonly id: string;
  readonly name: string;
  readonly asset: number;
  readonly also?: readonly number[];
  readonly blocking?: true;
  readonly description?: string;
}

export interface AssetData {
  readonly assets: readonly AssetEntry[];
  readonly externals: readonly ExternalEntry[];
  readonly checks: readonly CheckEntry[];
}

/** The part of dagster.json about assets and checks. */
export function buildAssetData(pipeline: Pipeline, names: NameTable): AssetData {
  const indices = new Map<string, number>();
  pipeline.assets.forEach((asset, index) => indices.set(asset.id, index));
  const externals = externalNodes(pipeline, names, indices);
  const indexOf = (ids: readonly string[]): number[] =>
    [...new Set(ids.flatMap((id) => indices.get(id) ?? []))].sort((left, right) => left - right);
  return {
    assets: pipeline.assets.map((asset) => assetEntry(asset, pipeline, names, indexOf(asset.upstream))),
    externals: externals.map(({ node, entry }) => ({ ...entry, ...optional('deps', indexOf(upstreamOf(node))) })),
    checks: pipeline.checks.map((check) => checkEntry(check, names, indices, indexOf(check.additional))),
  };
}

type ExternalNode = SourceAsset | Exposure | null;

/** Sources, exposures and the product, each key once; fills the indices. */
function externalNodes(
  pipeline: Pipeline,
  names: NameTable,
  indices: Map<string, number>,
): { node: ExternalNode; entry: ExternalEntry }[] {
  const externals: { node: ExternalNode; entry: ExternalEntry }[] = [];
  const byKey = new Map<string, number>();
  const add = (id: string, node: ExternalNode, entry: ExternalEntry): void => {
    const known = byKey.get(assetName(entry.key));
    const index = known ?? pipeline.assets.length + externals.length;
    if (known === undefined) externals.push({ node, entry });
    byKey.set(assetName(entry.key), index);
    indices.set(id, index);
  };
  for (const source of pipeline.sources) add(source.id, source, sourceEntry(source, names));
  for (const exposure of pipeline.exposures) add(exposure.id, exposure, exposureEntry(exposure, names));
  if (pipeline.checks.some((check) => check.primary === null)) {
    const group = groupName(pipeline.product.name);
    add('', null, { id: pipeline.product.name, key: names.productKey, group, description: productDescription });
  }
  return externals;
}

const productDescription = 'The product as a whole: the place of its tests that read no model and no source.';

function upstreamOf(node: ExternalNode): readonly string[] {
  if (node === null) return [];
  if ('upstream' in node) return node.upstream;
  return node.seed === null ? [] : [node.seed];
}

function assetEntry(asset: Asset, pipeline: Pipeline, names: NameTable, deps: readonly number[]): AssetEntry {
  const kinds = ['dbt', pipeline.dbt.adapter, ...(asset.kind === 'model' ? [] : [asset.kind])];
  const tags: Record<string, string> = Object.fromEntries(asset.tags.map((tag) => [tagKey(tag), '']));
  if (asset.tier !== null) tags['floe/tier'] = asset.tier;
  return {
    id: asset.id,
    key: names.keys.get(asset.id) ?? asset.key,
    ...optional('deps', deps),
    group: groupOf(asset, pipeline),
    ...optional('description', asset.description),
    ...optional('tags', tags),
    kinds,
    ...optional('owners', asset.owners.map(ownerName)),
    ...optional('code_version', asset.codeVersion),
    ...optional('table', tableName(asset.relation)),
    ...optional(
      'columns',
      asset.columns.map((column) => [column.name, column.dataType ?? '', column.description]),
    ),
  };
}

/** dbt's group, else the first folder of the model, else the product. */
function groupOf(asset: Asset, pipeline: Pipeline): string {
  const folder = asset.fqn.length > 2 ? asset.fqn[1] : undefined;
  return groupName(asset.group ?? folder ?? pipeline.product.name);
}

function sourceEntry(source: SourceAsset, names: NameTable): ExternalEntry {
  return {
    id: source.id,
    key: names.keys.get(source.id) ?? source.key,
    ...(source.producer === null && { group: groupName(source.sourceName) }),
    ...optional('description', source.description),
    ...optional('tags', Object.fromEntries(source.tags.map((tag) => [tagKey(tag), '']))),
    ...(source.producer === null && { kinds: ['source'] }),
    ...optional('table', tableName(source.relation)),
  };
}

function exposureEntry(exposure: Exposure, names: NameTable): ExternalEntry {
  return {
    id: exposure.id,
    key: names.keys.get(exposure.id) ?? exposure.key,
    group: 'exposures',
    ...optional('description', exposure.description),
    kinds: [exposure.type],
    ...optional('owners', exposure.owner === null ? [] : [ownerName(exposure.owner)]),
    ...optional('url', exposure.url ?? ''),
  };
}

function checkEntry(
  check: Check,
  names: NameTable,
  indices: ReadonlyMap<string, number>,
  also: readonly number[],
): CheckEntry {
  const native = names.checks.get(check.id);
  const asset = indices.get(check.primary ?? '') ?? indices.get('') ?? 0;
  return {
    id: check.id,
    name: native?.name ?? check.name,
    asset,
    ...optional(
      'also',
      also.filter((index) => index !== asset),
    ),
    ...(check.severity === 'error' && { blocking: true as const }),
    ...optional('description', check.description),
  };
}

function tableName(relation: Relation | null): string {
  if (relation === null) return '';
  return [relation.database, relation.schema, relation.identifier].filter((part) => part !== null).join('.');
}

/** `{[name]: value}`, or nothing when the value is empty. */
function optional<Name extends string, Value extends string | readonly unknown[] | Readonly<Record<string, string>>>(
  name: Name,
  value: Value,
): Partial<Record<Name, Value>> {
  const size = typeof value === 'string' ? value.length : Object.keys(value).length;
  return size === 0 ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}
