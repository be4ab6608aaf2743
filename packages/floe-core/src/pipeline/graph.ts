import { compareText } from '../text/compare-text.js';

/**
 * A directed graph as the parents of each node. Every function here is iterative, so that chains of any length work,
 * and deterministic: equal graphs give equal answers whatever the order of their insertion.
 */
export type ParentGraph = ReadonlyMap<string, readonly string[]>;

/** Builds a graph over `ids`; edges with an end outside of `ids` are left out, duplicates are merged, parents sorted. */
export function buildGraph(ids: Iterable<string>, edges: Iterable<readonly [string, string]>): ParentGraph {
  const parents = new Map<string, Set<string>>();
  for (const id of ids) parents.set(id, new Set());
  for (const [from, to] of edges) {
    if (parents.has(from)) parents.get(to)?.add(from);
  }
  return new Map([...parents].map(([id, set]) => [id, [...set].sort(compareText)]));
}

/** The children of each node, sorted. */
export function childrenOf(graph: ParentGraph): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>([...graph.keys()].map((id) => [id, []]));
  for (const [id, parents] of graph) for (const parent of parents) children.get(parent)?.push(id);
  for (const list of children.values()) list.sort(compareText);
  return children;
}

/**
 * Parents before children; among the nodes that are ready at the same time, by id.
 * Nodes on a cycle and behind one are left out: see `findCycles`.
 */
export function topologicalOrder(graph: ParentGraph): string[] {
  const children = childrenOf(graph);
  const missing = new Map([...graph].map(([id, parents]) => [id, parents.length]));
  const order: string[] = [];
  let ready = [...graph.keys()].filter((id) => missing.get(id) === 0).sort(compareText);
  while (ready.length > 0) {
    const next: string[] = [];
    for (const id of ready) {
      order.push(id);
      for (const child of children.get(id) ?? []) {
        const left = (missing.get(child) ?? 0) - 1;
        missing.set(child, left);
        if (left === 0) next.push(child);
      }
    }
    ready = next.sort(compareText);
  }
  return order;
}

/**
 * One cycle for each knot of the graph (strongly connected component), as short as the knot has one through its first
 * node: `[a, b, c]` means a → b → c → a. Self-dependencies are no cycles here. Sorted by their first node.
 */
export function findCycles(graph: ParentGraph): string[][] {
  const order = topologicalOrder(graph);
  if (order.length === graph.size) return [];
  const done = new Set(order);
  const rest: ParentGraph = new Map(
    [...graph]
      .filter(([id]) => !done.has(id))
      .map(([id, parents]) => [id, parents.filter((parent) => !done.has(parent) && parent !== id)]),
  );
  const children = childrenOf(rest);
  return stronglyConnected(children)
    .filter((component) => component.length > 1)
    .map((component) => shortestCycle(component, children))
    .sort((left, right) => compareText(left[0] ?? '', right[0] ?? ''));
}

/** Tarjan's algorithm with a stack of its own instead of recursion. */
function stronglyConnected(children: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const components: string[][] = [];
  const lower = (id: string, value: number): void => {
    low.set(id, Math.min(low.get(id) ?? value, value));
  };
  for (const root of [...children.keys()].sort(compareText)) {
    if (index.has(root)) continue;
    const work: { readonly id: string; next: number }[] = [{ id: root, next: 0 }];
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { id } = frame;
      if (frame.next === 0) {
        index.set(id, index.size);
        lower(id, index.get(id) ?? 0);
        open.push(id);
        isOpen.add(id);
      }
      const child = children.get(id)?.[frame.next];
      frame.next += 1;
      if (child !== undefined) {
        if (!index.has(child)) work.push({ id: child, next: 0 });
        else if (isOpen.has(child)) lower(id, index.get(child) ?? 0);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) lower(parent.id, low.get(id) ?? 0);
      if (low.get(id) !== index.get(id)) continue;
      const component: string[] = [];
      let member: string | undefined;
      do {
        member = open.pop();
        if (member === undefined) break;
        isOpen.delete(member);
        component.push(member);
      } while (member !== id);
      components.push(component);
    }
  }
  return components;
}

/** Breadth first from the component's first node back to it. */
function shortestCycle(component: readonly string[], children: ReadonlyMap<string, readonly string[]>): string[] {
  const members = new Set(component);
  const start = [...component].sort(compareText)[0] ?? '';
  const cameFrom = new Map<string, string>();
  let layer = [start];
  while (layer.length > 0) {
    const next: string[] = [];
    for (const id of layer) {
      for (const child of children.get(id) ?? []) {
        if (child === start) return pathTo(id, start, cameFrom);
        if (!members.has(child) || cameFrom.has(child)) continue;
        cameFrom.set(child, id);
        next.push(child);
      }
    }
    layer = next;
  }
  return [start];
}

function pathTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [end];
  for (let id = end; id !== start;) {
    id = cameFrom.get(id) ?? start;
    path.push(id);
  }
  return path.reverse();
}

/**
 * The nearest ancestors that are kept: each hidden parent is replaced by its own nearest kept ancestors.
 * Answers for every node, hidden ones too; sorted. The graph must have no cycle.
 */
export function spliceOut(graph: ParentGraph, hidden: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const nearest = new Map<string, readonly string[]>();
  for (const id of topologicalOrder(graph)) {
    const found = new Set<string>();
    for (const parent of graph.get(id) ?? []) {
      if (!hidden.has(parent)) found.add(parent);
      else for (const ancestor of nearest.get(parent) ?? []) found.add(ancestor);
    }
    nearest.set(id, [...found].sort(compareText));
  }
  return nearest;
}
