import type { Pipeline } from '@floe/core/pipeline/pipeline';

/** One node of the lineage as people see it. */
export interface LineageNode {
  readonly id: string;
  readonly name: string;
  /** source, seed, model's materialization, snapshot, exposure. */
  readonly kind: string;
  /** ids, sorted. */
  readonly upstream: readonly string[];
  readonly checks: number;
}

/** Sources, assets and exposures in topological order; a seed that fills a source stands before that source. */
export function lineageGraph(pipeline: Pipeline): LineageNode[] {
  const checks = new Map<string, number>();
  for (const check of pipeline.checks) {
    if (check.primary !== null) checks.set(check.primary, (checks.get(check.primary) ?? 0) + 1);
  }
  const seedOf = new Map(pipeline.sources.map((source) => [source.id, source.seed]));
  const nodes: LineageNode[] = [
    ...pipeline.sources.map((source) => ({
      id: source.id,
      name: `${source.sourceName}.${source.name}`,
      kind: 'source',
      upstream: source.seed === null ? [] : [source.seed],
    })),
    ...pipeline.assets.map((asset) => ({
      id: asset.id,
      name: asset.key.slice(1).join('.'),
      kind: asset.kind === 'model' ? asset.materialized : asset.kind,
      upstream: asset.upstream.filter((id) => !asset.upstream.some((other) => seedOf.get(other) === id)),
    })),
    ...pipeline.exposures.map((exposure) => ({
      id: exposure.id,
      name: exposure.name,
      kind: 'exposure',
      upstream: exposure.upstream,
    })),
  ].map((node) => ({ ...node, checks: checks.get(node.id) ?? 0 }));
  return sortDepthFirst(nodes);
}

/** Topological, and a node comes as soon as everything that it reads has come: related nodes stay together. */
function sortDepthFirst(nodes: readonly LineageNode[]): LineageNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const waitingFor = new Map(nodes.map((node) => [node.id, node.upstream.filter((id) => byId.has(id)).length]));
  const downstream = new Map<string, LineageNode[]>(nodes.map((node) => [node.id, []]));
  for (const node of nodes) for (const id of node.upstream) downstream.get(id)?.push(node);
  const sorted: LineageNode[] = [];
  const stack = nodes.filter((node) => waitingFor.get(node.id) === 0).reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    sorted.push({ ...node, upstream: node.upstream.filter((id) => byId.has(id)) });
    const ready = (downstream.get(node.id) ?? []).filter((next) => {
      const left = (waitingFor.get(next.id) ?? 0) - 1;
      waitingFor.set(next.id, left);
      return left === 0;
    });
    stack.push(...ready.reverse());
  }
  return sorted;
}
