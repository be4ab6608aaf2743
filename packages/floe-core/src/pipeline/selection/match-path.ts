import { failure, success, type Outcome } from '../../outcome/outcome.js';
import { compileGlob } from './glob.js';
import type { SelectionGraph, SelectionNode } from './selection-graph.js';

/**
 * Matcher for `path:`: a file, a folder or a pattern (`*` within a segment, `**` over any), relative to the dbt project.
 * A node matches by its file, by a folder above it, or by the YAML file that describes it. As in dbt, the pattern is
 * looked up among the root project's paths, and a package's node matches when it has the same relative path.
 */
export function pathMatcher(graph: SelectionGraph, value: string): Outcome<(node: SelectionNode) => boolean, string> {
  if (value.startsWith('/')) return failure(`"${value}" is absolute; paths are relative to the dbt project`);
  const pattern = value.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (pattern.includes('..')) return failure(`"${value}" leaves the dbt project`);
  if (pattern.length === 0) return success(() => true);
  const steps = pattern.map((segment): PathStep => (segment === '**' ? 'any-depth' : compileGlob(segment)));
  const existing = new Set<string>();
  for (const node of graph.nodes) {
    if (node.package !== graph.rootPackage) continue;
    for (const path of pathsOf(node)) existing.add(path);
  }
  const matching = new Set([...existing].filter((path) => matchesPath(path.split('/'), steps)));
  return success((node) => pathsOf(node).some((path) => matching.has(path)));
}

function pathsOf(node: SelectionNode): string[] {
  const segments = node.file.split('/');
  const paths = segments.map((_, index) => segments.slice(0, index + 1).join('/'));
  return node.patchFile === null ? paths : [...paths, node.patchFile];
}

/** A segment of the pattern; `any-depth` is `**`. */
type PathStep = 'any-depth' | ((segment: string) => boolean);

function matchesPath(path: readonly string[], steps: readonly PathStep[]): boolean {
  // Positions of the pattern that are reachable after each segment; no recursion, no exponential patterns.
  let reachable = skipAnyDepth(new Set([0]), steps);
  for (const segment of path) {
    const next = new Set<number>();
    for (const position of reachable) {
      const step = steps[position];
      if (step === 'any-depth') next.add(position);
      else if (step?.(segment) === true) next.add(position + 1);
    }
    reachable = skipAnyDepth(next, steps);
  }
  return reachable.has(steps.length);
}

/** `**` also stands for no folder at all. */
function skipAnyDepth(positions: ReadonlySet<number>, steps: readonly PathStep[]): Set<number> {
  const all = new Set(positions);
  for (const position of all) if (steps[position] === 'any-depth') all.add(position + 1);
  return all;
}
