import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { orchestrationSchema } from '../../artifacts/orchestration.js';
import { exampleOrchestration } from '../../testing/example-artifacts.js';
import { buildSelectionGraph, type SelectionGraph } from './selection-graph.js';
import { selectNodes } from './select.js';

/** What dbt 1.11 `ls` answered for a project with every kind of node; ids are those of all resource types. */
const recorded = z
  .object({
    orchestration: orchestrationSchema,
    cases: z.array(
      z.object({
        select: z.string().nullable(),
        exclude: z.string().nullable(),
        ids: z.array(z.string()).optional(),
        error: z.string().optional(),
        warnings: z.array(z.string()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('__fixtures__/dbt-ls.json', import.meta.url), 'utf8')));

describe('selectNodes and dbt ls', () => {
  const graph = buildSelectionGraph(recorded.orchestration);
  const runnable = new Set(
    graph.nodes
      .filter((node) => !['source', 'exposure'].includes(node.resourceType) && node.materialized !== 'ephemeral')
      .map((node) => node.id),
  );

  it.each(recorded.cases.map((entry) => [entry.select ?? '(all)', entry.exclude ?? '(none)', entry] as const))(
    'agree on select %s, exclude %s',
    (_select, _exclude, { select, exclude, ids, error, warnings }) => {
      const answer = selectNodes({ selection: graph }, { select, exclude });
      if (error !== undefined) {
        expect(answer.problems.map((problem) => problem.code)).toEqual(['SELECTION_INVALID']);
        return;
      }
      const expected = (ids ?? []).filter((id) => runnable.has(id));
      expect([...answer.assets, ...answer.checks].sort()).toEqual(expected);
      const errors = answer.problems.filter((problem) => problem.severity === 'error');
      expect(errors.map((problem) => problem.code)).toEqual(expected.length === 0 ? ['SELECTION_EMPTY'] : []);
      const warned = answer.problems.filter((problem) => problem.severity === 'warning');
      expect(warned.map((problem) => /^"(.*)" in/u.exec(problem.message)?.[1])).toEqual(warnings);
    },
  );
});

describe('selectNodes', () => {
  const graph = buildSelectionGraph(exampleOrchestration({ nodes: [{ unique_id: 'model.shop.a' }] }));

  it.each([
    ['', 'select cannot be read: the selection is empty.'],
    ['  ', 'select cannot be read: the selection is empty.'],
    ['a,', 'select cannot be read: "" in "a," names nothing.'],
    ['+', 'select cannot be read: "+" names nothing.'],
    ['tag:', 'select cannot be read: "tag:" names nothing.'],
    ['state:modified', 'select cannot be read: "state:modified" uses the method "state", which is not supported.'],
    ['constructor:x', 'select cannot be read: "constructor:x" uses the method "constructor", which is not supported.'],
    ['/models', 'select cannot be read: "/models" is absolute; paths are relative to the dbt project.'],
    ['../x/y', 'select cannot be read: "../x/y" leaves the dbt project.'],
    ['@a+', 'select cannot be read: "@a+" has both "@" and a "+" behind it; "@" already includes the descendants.'],
  ])('refuses %j', (select, message) => {
    const { assets, problems } = selectNodes({ selection: graph }, { select });
    expect(assets).toEqual([]);
    expect(problems).toMatchObject([{ code: 'SELECTION_INVALID', message, location: { node: 'select' } }]);
    expect(problems[0]?.resolution).toContain('config.materialized:');
  });

  it('says where an invalid exclusion is', () => {
    const { problems } = selectNodes({ selection: graph }, { exclude: 'metric:x' });
    expect(problems).toMatchObject([{ code: 'SELECTION_INVALID', location: { node: 'exclude' } }]);
  });

  it('walks a chain of 10,000 models', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `model.shop.m${index}`);
    const chain = buildSelectionGraph(
      exampleOrchestration({
        nodes: ids.map((id) => ({ unique_id: id })),
        edges: ids.slice(1).map((id, index) => [ids[index] ?? '', id] as const),
      }),
    );
    expect(selectNodes({ selection: chain }, { select: '+m9999' }).assets).toHaveLength(10_000);
    expect(selectNodes({ selection: chain }, { select: '7+m9999' }).assets).toHaveLength(8);
  });
});

/** A selection as data, so that a naive evaluation needs no parser. */
interface Criterion {
  readonly at: boolean;
  readonly up: number | null;
  readonly down: number | null;
  readonly method: 'name' | 'tag' | 'type';
  readonly value: string;
}

const depth = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat({ max: 4 }));
const criterion: fc.Arbitrary<Criterion> = fc
  .record({
    at: fc.boolean(),
    up: fc.option(depth),
    down: fc.option(depth),
    pick: fc.oneof(
      fc.nat({ max: 9 }).map((number) => ({ method: 'name' as const, value: `n${number}` })),
      fc.constantFrom('red', 'blue').map((value) => ({ method: 'tag' as const, value })),
      fc.constantFrom('model', 'test', 'source').map((value) => ({ method: 'type' as const, value })),
    ),
  })
  .map(({ at, up, down, pick }) => ({ at, up, down: at ? null : down, ...pick }));
const union = fc.array(fc.array(criterion, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });

function write(selection: readonly (readonly Criterion[])[]): string {
  const digits = (steps: number): string => (Number.isFinite(steps) ? String(steps) : '');
  return selection
    .map((parts) =>
      parts
        .map(({ at, up, down, method, value }) => {
          const prefix = { name: '', tag: 'tag:', type: 'resource_type:' }[method];
          return `${at ? '@' : ''}${up === null ? '' : `${digits(up)}+`}${prefix}${value}${down === null ? '' : `+${digits(down)}`}`;
        })
        .join(','),
    )
    .join(' ');
}

/** Node n: reads lower nodes by the bits of `reads`; its kind follows from `kind`. */
const graphs = fc.array(
  fc.record({ reads: fc.nat({ max: 1023 }), kind: fc.nat({ max: 4 }), tags: fc.subarray(['red', 'blue']) }),
  { minLength: 1, maxLength: 10 },
);

type NodeSpecs = readonly { readonly reads: number; readonly kind: number; readonly tags: readonly string[] }[];

function buildGraph(specs: NodeSpecs): SelectionGraph {
  const idOf = (number: number): string => `${kindOf(specs, number)}.shop.n${number}`;
  return {
    rootPackage: 'shop',
    nodes: specs.map((spec, number) => ({
      id: idOf(number),
      resourceType: kindOf(specs, number),
      package: 'shop',
      name: `n${number}`,
      sourceName: kindOf(specs, number) === 'source' ? 'raw' : null,
      fqn: ['shop', `n${number}`],
      version: null,
      latestVersion: null,
      file: `models/n${number}.sql`,
      patchFile: null,
      tags: spec.tags,
      group: null,
      materialized: spec.kind === 3 ? 'ephemeral' : 'table',
      testKind: kindOf(specs, number) === 'test' ? 'generic' : null,
      testName: null,
      severity: null,
      parents: readsOf(specs, number).map(idOf),
    })),
  };
}

function kindOf(specs: NodeSpecs, number: number): 'model' | 'test' | 'source' {
  return (['model', 'test', 'source', 'model', 'model'] as const)[specs[number]?.kind ?? 0] ?? 'model';
}

/** Sources read nothing, tests are read by nobody. */
function readsOf(specs: NodeSpecs, number: number): number[] {
  if (kindOf(specs, number) === 'source') return [];
  const all = Array.from({ length: number }, (_, other) => other);
  return all.filter((other) => ((specs[number]?.reads ?? 0) >> other) % 2 === 1 && kindOf(specs, other) !== 'test');
}

/** Distances of all pairs by repeated relaxation: slow and plain. */
function distances(specs: NodeSpecs): number[][] {
  const size = specs.length;
  const table = Array.from({ length: size }, () => Array.from({ length: size }, () => Number.POSITIVE_INFINITY));
  specs.forEach((_, to) => {
    for (const from of readsOf(specs, to)) (table[from] ?? [])[to] = 1;
  });
  for (let middle = 0; middle < size; middle += 1)
    for (let from = 0; from < size; from += 1)
      for (let to = 0; to < size; to += 1) {
        const around = (table[from]?.[middle] ?? 0) + (table[middle]?.[to] ?? 0);
        if (around < (table[from]?.[to] ?? 0)) (table[from] ?? [])[to] = around;
      }
  return table;
}

function naive(specs: NodeSpecs, selection: readonly (readonly Criterion[])[]): Set<number> {
  const all = specs.map((_, number) => number);
  const table = distances(specs);
  const within = (from: number, to: number, steps: number): boolean => {
    const distance = table[from]?.[to] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(distance) && distance <= steps;
  };
  const one = ({ at, up, down, method, value }: Criterion): Set<number> => {
    const hits = all.filter((number) => {
      if (method === 'tag') return specs[number]?.tags.includes(value) === true;
      if (method === 'type') return kindOf(specs, number) === value;
      return `n${number}` === value && kindOf(specs, number) !== 'source';
    });
    const found = new Set(hits);
    if (at) {
      const family = all.filter((to) => hits.some((from) => from === to || within(from, to, Number.POSITIVE_INFINITY)));
      for (const number of all)
        if (family.some((to) => to === number || within(number, to, Number.POSITIVE_INFINITY))) found.add(number);
    }
    for (const number of all) {
      if (up !== null && hits.some((hit) => within(number, hit, up))) found.add(number);
      if (down !== null && hits.some((hit) => within(hit, number, down))) found.add(number);
    }
    const tests = all.filter(
      (number) => kindOf(specs, number) === 'test' && readsOf(specs, number).some((parent) => found.has(parent)),
    );
    return new Set([...found, ...tests]);
  };
  const result = new Set<number>();
  for (const parts of selection) {
    const sets = parts.map(one);
    for (const number of all) if (sets.every((set) => set.has(number))) result.add(number);
  }
  return result;
}

describe('selectNodes and a naive evaluation', () => {
  it('agree on any graph and any selection', () => {
    fc.assert(
      fc.property(graphs, union, fc.option(union), (specs, select, exclude) => {
        const graph = buildGraph(specs);
        const answer = selectNodes(
          { selection: graph },
          { select: write(select), exclude: exclude === null ? null : write(exclude) },
        );
        const included = naive(specs, select);
        const excluded = exclude === null ? new Set<number>() : naive(specs, exclude);
        const expected = specs
          .map((_, number) => number)
          .filter((number) => included.has(number) && !excluded.has(number));
        const idsOf = (kind: string): string[] =>
          expected
            .filter((number) => kindOf(specs, number) === kind && (kind !== 'model' || specs[number]?.kind !== 3))
            .map((number) => `${kind}.shop.n${number}`);
        expect(answer.assets).toEqual(idsOf('model'));
        expect(answer.checks).toEqual(idsOf('test'));
      }),
      { numRuns: 500 },
    );
  });
});
