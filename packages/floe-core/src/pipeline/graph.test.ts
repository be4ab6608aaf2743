import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildGraph, childrenOf, findCycles, spliceOut, topologicalOrder, type ParentGraph } from './graph.js';

const size = 8;
const ids = Array.from({ length: size }, (_, index) => `n${index}`);
const anyEdge = fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids));
/** Any edges but self-dependencies: cycles are likely. */
const anyGraph = fc.array(
  anyEdge.filter(([from, to]) => from !== to),
  { maxLength: 16 },
);
/** Edges from lower to higher numbers only: no cycle. */
const acyclic = anyGraph.map((edges) =>
  edges.map(([from, to]): [string, string] => (from < to ? [from, to] : [to, from])),
);

/** Everything that is reached by at least one edge, by plain repetition. */
function reachable(graph: ParentGraph): Map<string, Set<string>> {
  const above = new Map([...graph].map(([id, parents]) => [id, new Set(parents)]));
  for (let round = 0; round < graph.size; round += 1) {
    for (const set of above.values()) {
      for (const parent of [...set]) for (const further of above.get(parent) ?? []) set.add(further);
    }
  }
  return above;
}

describe('topologicalOrder', () => {
  it('puts parents first and has every node of a graph without cycles', () => {
    fc.assert(
      fc.property(acyclic, (edges) => {
        const order = topologicalOrder(buildGraph(ids, edges));
        expect([...order].sort()).toEqual(ids);
        for (const [from, to] of edges) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
      }),
    );
  });

  it('does not depend on the order of nodes and edges', () => {
    fc.assert(
      fc.property(acyclic, fc.shuffledSubarray(ids, { minLength: size }), (edges, shuffled) => {
        const turned = buildGraph(shuffled, [...edges].reverse());
        expect(topologicalOrder(turned)).toEqual(topologicalOrder(buildGraph(ids, edges)));
      }),
    );
  });

  it('leaves out what is on a cycle or behind one', () => {
    const graph = buildGraph(
      ['a', 'b', 'c', 'd'],
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'b'],
        ['c', 'd'],
      ],
    );
    expect(topologicalOrder(graph)).toEqual(['a']);
  });
});

describe('findCycles', () => {
  it('finds real, simple cycles: one for each knot, and none without one', () => {
    fc.assert(
      fc.property(anyGraph, (edges) => {
        const graph = buildGraph(ids, edges);
        const cycles = findCycles(graph);
        const above = reachable(graph);
        for (const cycle of cycles) {
          expect(cycle.length).toBeGreaterThan(1);
          expect(new Set(cycle).size).toBe(cycle.length);
          cycle.forEach((id, index) => {
            expect(graph.get(cycle[(index + 1) % cycle.length] ?? '')).toContain(id);
          });
        }
        const inKnots = ids.filter((id) => above.get(id)?.has(id) === true);
        const knots = new Set(
          inKnots.map((id) =>
            inKnots.filter((other) => above.get(id)?.has(other) === true && above.get(other)?.has(id) === true).join(),
          ),
        );
        expect(cycles).toHaveLength(knots.size);
      }),
      { numRuns: 300 },
    );
  });

  it('is as short as possible through its first node, and sorted', () => {
    const edges: [string, string][] = [
      ['y', 'z'],
      ['z', 'y'],
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
      ['b', 'a'],
    ];
    expect(findCycles(buildGraph(['z', 'y', 'c', 'b', 'a'], edges))).toEqual([
      ['a', 'b'],
      ['y', 'z'],
    ]);
  });
});

describe('spliceOut', () => {
  it('keeps exactly the ancestors that are reached through hidden nodes only', () => {
    fc.assert(
      fc.property(acyclic, fc.subarray(ids), (edges, hiddenIds) => {
        const graph = buildGraph(ids, edges);
        const hidden = new Set(hiddenIds);
        const nearest = spliceOut(graph, hidden);
        for (const id of ids) {
          const expected = new Set<string>();
          const paths: string[] = [...(graph.get(id) ?? [])];
          for (let parent = paths.pop(); parent !== undefined; parent = paths.pop()) {
            if (hidden.has(parent)) paths.push(...(graph.get(parent) ?? []));
            else expected.add(parent);
          }
          expect(nearest.get(id)).toEqual([...expected].sort());
        }
      }),
    );
  });

  it('keeps who is above whom', () => {
    fc.assert(
      fc.property(acyclic, fc.subarray(ids), (edges, hiddenIds) => {
        const graph = buildGraph(ids, edges);
        const kept = ids.filter((id) => !hiddenIds.includes(id));
        const nearest = spliceOut(graph, new Set(hiddenIds));
        const spliced = reachable(new Map(kept.map((id) => [id, nearest.get(id) ?? []])));
        const before = reachable(graph);
        for (const id of kept) {
          expect([...(spliced.get(id) ?? [])].sort()).toEqual(
            [...(before.get(id) ?? [])].filter((other) => kept.includes(other)).sort(),
          );
        }
      }),
    );
  });
});

describe('buildGraph', () => {
  it('merges duplicates and leaves out unknown ends', () => {
    const graph = buildGraph(
      ['b', 'a'],
      [
        ['a', 'b'],
        ['a', 'b'],
        ['x', 'b'],
        ['a', 'y'],
      ],
    );
    expect([...graph]).toEqual([
      ['b', ['a']],
      ['a', []],
    ]);
    expect([...childrenOf(graph)]).toEqual([
      ['b', []],
      ['a', ['b']],
    ]);
  });
});
