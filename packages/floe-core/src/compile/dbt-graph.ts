import type {
  OrchestrationCheck,
  OrchestrationExposure,
  OrchestrationNode,
  OrchestrationSource,
} from '../artifacts/orchestration.js';
import type { Problem } from '../errors/problem.js';
import { createCodeVersion } from './code-version.js';
import {
  objectOf,
  optionalTextOf,
  textOf,
  textsOf,
  type DbtManifest,
  type DbtResource,
  type JsonObject,
} from './dbt-manifest.js';

/** The graph of a dbt project in the words of the contract; everything is sorted by unique_id. */
export interface DbtGraph {
  readonly nodes: readonly OrchestrationNode[];
  readonly checks: readonly OrchestrationCheck[];
  readonly edges: readonly [string, string][];
  readonly sources: readonly OrchestrationSource[];
  readonly exposures: readonly OrchestrationExposure[];
  readonly problems: readonly Problem[];
}

const assetTypes: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot']);
/** Parents that are not reported as unknown: dbt builds them, but they hold no data of their own. */
const parentsWithoutData = /^(?:function|metric|semantic_model|saved_query|macro|operation|analysis|exposure)\./u;

/** Takes nodes, tests, edges, sources and exposures out of a dbt manifest. */
export function dbtGraph(manifest: DbtManifest): DbtGraph {
  const codeVersion = createCodeVersion(manifest.macros);
  const problems: Problem[] = [];
  const assets = manifest.nodes.filter((node) => assetTypes.has(node.resourceType));
  const tests = manifest.nodes.filter((node) => node.resourceType === 'test');
  const nodes = assets.map((node) => nodeOf(node, manifest, codeVersion(node)));
  const seeds = seedsByRelation(nodes);
  return {
    nodes: nodes.sort(byUniqueId),
    checks: [...tests.map(testOf), ...manifest.unitTests.map(unitTestOf)].sort(byUniqueId),
    edges: assets.flatMap(edgesOf).sort(byText),
    sources: manifest.sources.map((source) => sourceOf(source, seeds, problems)).sort(byUniqueId),
    exposures: manifest.exposures.map(exposureOf).sort(byUniqueId),
    problems,
  };
}

function nodeOf(node: DbtResource, manifest: DbtManifest, codeVersion: string): OrchestrationNode {
  const group = optionalTextOf(node.raw.group) ?? optionalTextOf(node.config.group);
  const materialized = optionalTextOf(node.config.materialized) ?? node.resourceType;
  return {
    unique_id: node.uniqueId,
    resource_type: node.resourceType as OrchestrationNode['resource_type'],
    name: node.name,
    package: node.package,
    version: versionOf(node.raw.version),
    materialized,
    description: node.description,
    file: node.file,
    patch_file:
      optionalTextOf(node.raw.patch_path)
        ?.replace(/^[^:]+:\/\//u, '')
        .replaceAll('\\', '/') ?? null,
    latest_version: versionOf(node.raw.latest_version),
    fqn: [...node.fqn],
    tags: sortedUnique(node.tags),
    group,
    owners: ownersOf(node, group, manifest),
    tier: null,
    columns: columnsOf(node.raw.columns),
    relation: materialized === 'ephemeral' ? null : relationOf(node.raw, 'alias'),
    code_version: codeVersion,
    key_overrides: keyOverridesOf(node.meta),
  };
}

function versionOf(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

/** `meta.owner` (a text or a list), then the owner of the node's group. */
function ownersOf(node: DbtResource, group: string | null, manifest: DbtManifest): string[] {
  const own = node.meta.owner;
  const named = typeof own === 'string' ? [own] : textsOf(own);
  const ofGroup = group === null ? [] : (manifest.groups.get(group)?.owners ?? []);
  return [...new Set([...named, ...ofGroup])].filter((owner) => owner.trim() !== '');
}

function columnsOf(value: unknown): OrchestrationNode['columns'] {
  return Object.values(objectOf(value)).flatMap((entry) => {
    const column = objectOf(entry);
    const name = textOf(column.name);
    if (name === '') return [];
    return [{ name, data_type: optionalTextOf(column.data_type), description: textOf(column.description) }];
  });
}

function relationOf(raw: JsonObject, identifierKey: 'alias' | 'identifier'): OrchestrationNode['relation'] {
  const schema = optionalTextOf(raw.schema);
  const identifier = optionalTextOf(raw[identifierKey]) ?? optionalTextOf(raw.name);
  if (schema === null || identifier === null) return null;
  return { database: optionalTextOf(raw.database), schema, identifier };
}

/** `meta.<orchestrator>.asset_key`: a list of texts, or one text. */
function keyOverridesOf(meta: JsonObject): Record<string, string[]> {
  const overrides: Record<string, string[]> = {};
  for (const [orchestrator, settings] of Object.entries(meta)) {
    const key = objectOf(settings).asset_key;
    const parts = typeof key === 'string' ? [key] : textsOf(key);
    if (parts.length > 0 && parts.every((part) => part !== '')) overrides[orchestrator] = [...parts];
  }
  return overrides;
}

function edgesOf(node: DbtResource): [string, string][] {
  return sortedUnique(node.dependsOn)
    .filter((parent) => !parentsWithoutData.test(parent))
    .map((parent) => [parent, node.uniqueId]);
}

function testOf(test: DbtResource): OrchestrationCheck {
  return {
    ...checkOf(test),
    kind: Object.keys(objectOf(test.raw.test_metadata)).length > 0 ? 'generic' : 'singular',
    test_name: optionalTextOf(objectOf(test.raw.test_metadata).name),
    attached_to: optionalTextOf(test.raw.attached_node),
    column: optionalTextOf(test.raw.column_name),
  };
}

function unitTestOf(test: DbtResource): OrchestrationCheck {
  const check = checkOf(test);
  const tested = optionalTextOf(test.raw.tested_node_unique_id) ?? check.parents[0] ?? null;
  return { ...check, kind: 'unit', parents: tested === null ? [] : [tested], attached_to: tested };
}

function checkOf(test: DbtResource): OrchestrationCheck {
  return {
    unique_id: test.uniqueId,
    name: test.name,
    package: test.package,
    kind: 'singular',
    parents: sortedUnique(test.dependsOn).filter((parent) => !parentsWithoutData.test(parent)),
    test_name: null,
    attached_to: null,
    severity: textOf(test.config.severity).toLowerCase() === 'warn' ? 'warn' : 'error',
    description: test.description,
    column: null,
    file: test.file,
    fqn: [...test.fqn],
    tags: sortedUnique(test.tags),
  };
}

function sourceOf(source: DbtResource, seeds: ReadonlyMap<string, string>, problems: Problem[]): OrchestrationSource {
  const relation = relationOf(source.raw, 'identifier');
  const asset = objectOf(source.meta.floe).asset;
  const wellFormed = typeof asset === 'string' && /^[^/\s]+(?:\/[^/\s]+)+$/u.test(asset);
  if (asset !== undefined && asset !== null && !wellFormed) {
    problems.push({
      code: 'INVALID_VALUE',
      severity: 'error',
      message: 'meta.floe.asset of this source is not valid.',
      resolution: 'Write it as other-product/model.',
      location: { file: source.file, node: source.uniqueId },
    });
  }
  return {
    unique_id: source.uniqueId,
    source_name: textOf(source.raw.source_name),
    name: source.name,
    package: source.package,
    description: source.description,
    file: source.file,
    fqn: [...source.fqn],
    tags: sortedUnique(source.tags),
    relation,
    asset: wellFormed ? asset : null,
    seed: relation === null ? null : (seeds.get(relationKey(relation)) ?? null),
  };
}

/** dbt has no edge between a seed and a source() that names the same relation. */
function seedsByRelation(nodes: readonly OrchestrationNode[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const node of nodes) {
    if (node.resource_type === 'seed' && node.relation !== null) found.set(relationKey(node.relation), node.unique_id);
  }
  return found;
}

function relationKey(relation: NonNullable<OrchestrationNode['relation']>): string {
  return JSON.stringify([relation.database ?? '', relation.schema, relation.identifier]).toLowerCase();
}

function exposureOf(exposure: DbtResource): OrchestrationExposure {
  const owner = objectOf(exposure.raw.owner);
  const email = typeof owner.email === 'string' ? owner.email : (textsOf(owner.email)[0] ?? null);
  return {
    unique_id: exposure.uniqueId,
    name: exposure.name,
    type: optionalTextOf(exposure.raw.type) ?? 'application',
    package: exposure.package,
    fqn: [...exposure.fqn],
    tags: sortedUnique(exposure.tags),
    description: exposure.description,
    owner: optionalTextOf(email) ?? optionalTextOf(owner.name),
    url: optionalTextOf(exposure.raw.url),
    file: exposure.file,
    parents: sortedUnique(exposure.dependsOn).filter((parent) => !parentsWithoutData.test(parent)),
  };
}

function sortedUnique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function byUniqueId(left: { readonly unique_id: string }, right: { readonly unique_id: string }): number {
  return left.unique_id < right.unique_id ? -1 : left.unique_id > right.unique_id ? 1 : 0;
}

function byText(left: readonly [string, string], right: readonly [string, string]): number {
  const leftText = left.join('\0');
  const rightText = right.join('\0');
  return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
}
