import type { Problem } from '../../errors/problem.js';
import type { Pipeline } from '../pipeline.js';
import { parseSelection, type Selection, type SelectionCriterion } from './parse-selection.js';
import type { SelectionGraph, SelectionNode } from './selection-graph.js';
import { matcherOf, supportedMethods } from './selection-methods.js';

/** A selection as the user writes it; null or absent `select` means everything, null `exclude` nothing. */
export interface SelectionRequest {
  readonly select?: string | null;
  readonly exclude?: string | null;
}

export interface SelectedNodes {
  /** ids of assets, sorted. */
  readonly assets: readonly string[];
  /** ids of checks, sorted. */
  readonly checks: readonly string[];
  /** SELECTION_INVALID and SELECTION_EMPTY errors; a warning for each part that matches nothing, as dbt warns. */
  readonly problems: readonly Problem[];
}

/**
 * Resolves a dbt selection to the assets and checks that dbt would build: names, paths, `tag:` and the other methods of
 * `supportedMethods`, with `+`, `n+`, `@`, union by space and intersection by comma, tests selected eagerly (any parent).
 * @param pipeline the pipeline, or its `selection` graph alone
 */
export function selectNodes(pipeline: Pick<Pipeline, 'selection'>, request: SelectionRequest): SelectedNodes {
  return createSelector(pipeline.selection)(request);
}

/** `selectNodes` for many selections of one graph. */
export function createSelector(graph: SelectionGraph): (request: SelectionRequest) => SelectedNodes {
  const index = indexOf(graph);
  return (request) => select(index, request);
}

function select(index: GraphIndex, request: SelectionRequest): SelectedNodes {
  const problems: Problem[] = [];
  const included = resolve(request.select, 'select', index, problems);
  const excluded = resolve(request.exclude, 'exclude', index, problems);
  if (problems.some((problem) => problem.severity === 'error')) return { assets: [], checks: [], problems };
  const selected = index.graph.nodes.filter(
    (node) => (included === null || included.has(node.id)) && excluded?.has(node.id) !== true,
  );
  const assets = selected.filter(isAsset).map((node) => node.id);
  const checks = selected.filter((node) => node.testKind !== null).map((node) => node.id);
  if (assets.length === 0 && checks.length === 0) {
    problems.push({
      code: 'SELECTION_EMPTY',
      severity: 'error',
      message: `Nothing is selected by ${describe(request)}.`,
      resolution: 'Check names and tags with `floe graph`; ephemeral models, sources and exposures alone run nothing.',
      location: { node: typeof request.select === 'string' ? 'select' : 'exclude' },
    });
  }
  return { assets, checks, problems };
}

/** `select "a"`, `select "a", exclude "b"` …, for messages. */
function describe(request: SelectionRequest): string {
  const parts = [
    typeof request.select === 'string' ? `select "${request.select}"` : 'everything',
    ...(typeof request.exclude === 'string' ? [`exclude "${request.exclude}"`] : []),
  ];
  return parts.join(', ');
}

/** Ephemeral models are part of the SQL of others and never run themselves. */
function isAsset(node: SelectionNode): boolean {
  const { resourceType } = node;
  return (
    (resourceType === 'model' || resourceType === 'seed' || resourceType === 'snapshot') &&
    node.materialized !== 'ephemeral'
  );
}

interface GraphIndex {
  readonly graph: SelectionGraph;
  readonly byId: ReadonlyMap<string, SelectionNode>;
  readonly children: ReadonlyMap<string, readonly string[]>;
}

function indexOf(graph: SelectionGraph): GraphIndex {
  const children = new Map<string, string[]>(graph.nodes.map((node) => [node.id, []]));
  for (const node of graph.nodes) for (const parent of node.parents) children.get(parent)?.push(node.id);
  return { graph, byId: new Map(graph.nodes.map((node) => [node.id, node])), children };
}

/** Null when there is nothing to resolve. */
function resolve(
  text: string | null | undefined,
  side: 'select' | 'exclude',
  index: GraphIndex,
  problems: Problem[],
): ReadonlySet<string> | null {
  if (text === null || text === undefined) return null;
  const parsed = parseSelection(text);
  if (!parsed.ok) {
    problems.push(invalid(side, parsed.failure));
    return null;
  }
  return resolveUnion(parsed.value, side, index, problems);
}

function resolveUnion(
  selection: Selection,
  side: 'select' | 'exclude',
  index: GraphIndex,
  problems: Problem[],
): ReadonlySet<string> {
  const union = new Set<string>();
  for (const { raw, intersection } of selection.union) {
    let common: ReadonlySet<string> | undefined;
    let isValid = true;
    for (const criterion of intersection) {
      const matcher = matcherOf(criterion, index.graph);
      if (!matcher.ok) {
        problems.push(invalid(side, matcher.failure));
        isValid = false;
        continue;
      }
      const found = resolveCriterion(criterion, matcher.value, index);
      common = common === undefined ? found : intersect(common, found);
    }
    if (isValid && common?.size === 0) problems.push(matchesNothing(side, raw));
    for (const id of common ?? []) union.add(id);
  }
  return union;
}

function resolveCriterion(
  criterion: SelectionCriterion,
  matches: (node: SelectionNode) => boolean,
  index: GraphIndex,
): ReadonlySet<string> {
  const matched = new Set(index.graph.nodes.filter(matches).map((node) => node.id));
  const selected = new Set(matched);
  const add = (ids: Iterable<string>): void => {
    for (const id of ids) selected.add(id);
  };
  const parentsOf = (id: string): readonly string[] => index.byId.get(id)?.parents ?? [];
  const childrenOf = (id: string): readonly string[] => index.children.get(id) ?? [];
  if (criterion.childrensParents) {
    add(reach(matched, Number.POSITIVE_INFINITY, childrenOf));
    add(reach(new Set(selected), Number.POSITIVE_INFINITY, parentsOf));
  }
  if (criterion.parents !== null) add(reach(matched, criterion.parents, parentsOf));
  if (criterion.children !== null) add(reach(matched, criterion.children, childrenOf));
  const tests = [...selected].flatMap(childrenOf).filter((id) => index.byId.get(id)?.testKind !== null);
  add(tests);
  return selected;
}

function intersect(left: ReadonlySet<string>, right: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...left].filter((id) => right.has(id)));
}

/** Everything within `depth` steps, layer by layer. */
function reach(
  start: ReadonlySet<string>,
  depth: number,
  neighbours: (id: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  let layer: Iterable<string> = start;
  for (let step = 0; step < depth; step += 1) {
    const next = new Set<string>();
    for (const id of layer) {
      for (const neighbour of neighbours(id)) if (!found.has(neighbour)) next.add(neighbour);
    }
    if (next.size === 0) break;
    for (const id of next) found.add(id);
    layer = next;
  }
  return found;
}

function invalid(side: 'select' | 'exclude', reason: string): Problem {
  return {
    code: 'SELECTION_INVALID',
    severity: 'error',
    message: `${side} cannot be read: ${reason}.`,
    resolution:
      `Write names, paths or one of ${supportedMethods.map((method) => `${method}:`).join(' ')}, ` +
      'with +x, x+, 2+x or @x for relatives, spaces between alternatives and commas between conditions.',
    location: { node: side },
  };
}

function matchesNothing(side: 'select' | 'exclude', raw: string): Problem {
  return {
    code: 'SELECTION_EMPTY',
    severity: 'warning',
    message: `"${raw}" in ${side} matches no enabled node.`,
    resolution: 'Check the spelling; a disabled model cannot be selected.',
    location: { node: side },
  };
}
