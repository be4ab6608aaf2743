import type { Orchestration } from '../artifacts/orchestration.js';
import type { Problem } from '../errors/problem.js';
import { compareText } from '../text/compare-text.js';
import { buildGraph, findCycles, type ParentGraph } from './graph.js';
import { nameOf, nodeError, type Located } from './pipeline-problems.js';

/** How many nodes of a cycle are printed before the rest is only counted. */
const longestPrintedCycle = 20;

export interface CheckedGraph {
  /** dbt's edges and those from a seed to the readers of the source that it loads; no self-dependencies. */
  readonly graph: ParentGraph;
  readonly problems: readonly Problem[];
}

/** Builds the graph of nodes and sources and reports duplicates, unknown ends, self-dependencies and cycles. */
export function checkGraph(orchestration: Orchestration): CheckedGraph {
  const problems: Problem[] = [];
  const located = new Map<string, Located>();
  for (const entry of allEntries(orchestration)) {
    const other = located.get(entry.unique_id);
    if (other === undefined) {
      located.set(entry.unique_id, entry);
      continue;
    }
    const places = other.file === entry.file ? `twice in ${entry.file}` : `in ${other.file} and in ${entry.file}`;
    problems.push(
      nodeError(
        'DUPLICATE_NAME',
        entry,
        `"${entry.unique_id}" is there ${places}.`,
        'Rename one of the two, or disable it in dbt.',
      ),
    );
  }
  const ids = new Set([...orchestration.nodes, ...orchestration.sources].map((entry) => entry.unique_id));
  const sources = new Set(orchestration.sources.map((source) => source.unique_id));
  const edges: (readonly [string, string])[] = [];
  const selfDependent = new Set<string>();
  for (const [from, to] of orchestration.edges) {
    const reader = located.get(to);
    if (reader === undefined || !ids.has(to)) problems.push(unknownReader(from, to, located.get(from)));
    else if (!ids.has(from)) problems.push(unknownDependency(reader, from));
    else if (from === to) selfDependent.add(to);
    else if (sources.has(to)) problems.push(sourceReads(reader, from));
    else edges.push([from, to]);
  }
  for (const id of [...selfDependent].sort(compareText)) {
    const node = located.get(id);
    if (node !== undefined) problems.push(selfDependency(node));
  }
  problems.push(...unknownParents(orchestration, ids));
  const graph = buildGraph(ids, [...edges, ...seedEdges(orchestration, edges)]);
  for (const cycle of findCycles(graph)) problems.push(cycleProblem(cycle, located));
  return { graph, problems };
}

function* allEntries(orchestration: Orchestration): Iterable<Located> {
  yield* orchestration.nodes;
  yield* orchestration.sources;
  yield* orchestration.checks;
  yield* orchestration.exposures;
}

/** dbt has no edge between a seed and the source() that reads the same relation. */
function seedEdges(orchestration: Orchestration, edges: readonly (readonly [string, string])[]): [string, string][] {
  const seedOf = new Map(orchestration.sources.map((source) => [source.unique_id, source.seed]));
  return edges.flatMap(([from, to]): [string, string][] => {
    const seed = seedOf.get(from);
    return seed === null || seed === undefined || seed === to ? [] : [[seed, to]];
  });
}

function unknownParents(orchestration: Orchestration, ids: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  for (const entry of [...orchestration.checks, ...orchestration.exposures]) {
    for (const parent of new Set(entry.parents)) {
      if (!ids.has(parent)) problems.push(unknownDependency(entry, parent));
    }
  }
  for (const check of orchestration.checks) {
    if (check.attached_to !== null && !ids.has(check.attached_to) && !check.parents.includes(check.attached_to)) {
      problems.push(unknownDependency(check, check.attached_to));
    }
  }
  for (const source of orchestration.sources) {
    if (source.seed !== null && !ids.has(source.seed)) problems.push(unknownDependency(source, source.seed));
  }
  return problems;
}

function unknownDependency(reader: Located, missing: string): Problem {
  return nodeError(
    'UNKNOWN_DEPENDENCY',
    reader,
    `"${reader.unique_id}" depends on "${missing}", which is not in the project.`,
    'Check the name in ref() or source(); a disabled model cannot be read. Then run dbt parse again.',
  );
}

function unknownReader(from: string, to: string, start: Located | undefined): Problem {
  return nodeError(
    'UNKNOWN_DEPENDENCY',
    start ?? { unique_id: to, file: '' },
    `The edge from "${from}" to "${to}" ends at a node that is not in the project.`,
    'The artifacts do not fit together: run dbt parse and compile again.',
  );
}

function selfDependency(node: Located): Problem {
  return nodeError(
    'SELF_DEPENDENCY',
    node,
    `"${node.unique_id}" depends on itself.`,
    'Use {{ this }} to read the existing rows of the same model, and remove the ref() to itself.',
  );
}

function sourceReads(source: Located, from: string): Problem {
  return nodeError(
    'ARTIFACTS_INVALID',
    source,
    `The source "${source.unique_id}" depends on "${from}", but a source depends on nothing.`,
    'The artifacts do not fit together: run dbt parse and compile again.',
  );
}

function cycleProblem(cycle: readonly string[], located: ReadonlyMap<string, Located>): Problem {
  const nodes = cycle.map((id) => located.get(id) ?? { unique_id: id, file: '' });
  const first = nodes[0] ?? { unique_id: '', file: '' };
  const printed = nodes.slice(0, longestPrintedCycle).map(nameOf);
  if (nodes.length > longestPrintedCycle) printed.push(`… ${nodes.length - longestPrintedCycle} more …`);
  return nodeError(
    'DEPENDENCY_CYCLE',
    first,
    `${nodes.length} nodes depend on each other in a circle: ${[...printed, first.unique_id].join(' → ')}.`,
    'Remove one of these dependencies: no node can be built before the others.',
  );
}
