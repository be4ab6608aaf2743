import type { Orchestration, OrchestrationNode } from '../artifacts/orchestration.js';
import { compareText } from '../text/compare-text.js';
import { assetKey, exposureKey, sourceKey, type KeyScope } from './asset-keys.js';
import { spliceOut, topologicalOrder, type ParentGraph } from './graph.js';
import type { Asset, Check, Exposure, Relation, SourceAsset } from './pipeline.js';

/** The graph's part of a pipeline. */
export interface PipelineNodes {
  readonly assets: readonly Asset[];
  readonly checks: readonly Check[];
  readonly sources: readonly SourceAsset[];
  readonly exposures: readonly Exposure[];
}

/** Turns a checked graph into assets, checks, sources and exposures; ephemeral models are spliced out. */
export function toNodes(orchestration: Orchestration, graph: ParentGraph, scope: KeyScope): PipelineNodes {
  const ephemeral = new Set(
    orchestration.nodes.filter((node) => node.materialized === 'ephemeral').map((node) => node.unique_id),
  );
  const upstream = spliceOut(graph, ephemeral);
  /** Ephemeral parents are replaced by the nearest ancestors that exist in the database. */
  const resolve = (parents: readonly string[]): string[] => {
    const found = parents.flatMap((parent) => (ephemeral.has(parent) ? (upstream.get(parent) ?? []) : [parent]));
    return [...new Set(found)].sort(compareText);
  };
  const nodes = new Map(orchestration.nodes.map((node) => [node.unique_id, node]));
  const assets = topologicalOrder(graph).flatMap((id): Asset[] => {
    const node = nodes.get(id);
    return node === undefined || ephemeral.has(id) ? [] : [toAsset(node, upstream.get(id) ?? [], scope)];
  });
  return {
    assets,
    checks: orchestration.checks
      .map((check): Check => {
        const parents = resolve(check.parents);
        const attached = check.attached_to;
        const primary =
          attached !== null && graph.has(attached) && !ephemeral.has(attached) ? attached : (parents[0] ?? null);
        return {
          id: check.unique_id,
          name: check.name,
          kind: check.kind,
          primary,
          additional: parents.filter((parent) => parent !== primary),
          severity: check.severity,
          description: check.description,
          column: check.column,
          file: check.file,
          tags: check.tags,
        };
      })
      .sort(byId),
    sources: orchestration.sources
      .map((source): SourceAsset => ({
        id: source.unique_id,
        key: sourceKey(scope, source),
        sourceName: source.source_name,
        name: source.name,
        description: source.description,
        file: source.file,
        tags: source.tags,
        relation: relationOf(source.relation),
        producer: source.asset,
        seed: source.seed,
      }))
      .sort(byId),
    exposures: orchestration.exposures
      .map((exposure): Exposure => ({
        id: exposure.unique_id,
        key: exposureKey(scope, exposure),
        name: exposure.name,
        type: exposure.type,
        description: exposure.description,
        owner: exposure.owner,
        url: exposure.url,
        file: exposure.file,
        upstream: resolve(exposure.parents),
      }))
      .sort(byId),
  };
}

function toAsset(node: OrchestrationNode, upstream: readonly string[], scope: KeyScope): Asset {
  return {
    id: node.unique_id,
    key: assetKey(scope, node),
    keyOverrides: node.key_overrides,
    kind: node.resource_type,
    name: node.name,
    materialized: node.materialized,
    description: node.description,
    file: node.file,
    fqn: node.fqn,
    tags: node.tags,
    group: node.group,
    owners: node.owners,
    tier: node.tier,
    columns: node.columns.map((column) => ({
      name: column.name,
      dataType: column.data_type,
      description: column.description,
    })),
    relation: relationOf(node.relation),
    codeVersion: node.code_version,
    upstream,
  };
}

function relationOf(relation: OrchestrationNode['relation']): Relation | null {
  if (relation === null) return null;
  return { database: relation.database, schema: relation.schema, identifier: relation.identifier };
}

function byId(left: { readonly id: string }, right: { readonly id: string }): number {
  return compareText(left.id, right.id);
}
