import type { Orchestration } from '../../artifacts/orchestration.js';
import { compareText } from '../../text/compare-text.js';

/**
 * dbt's own graph as selections see it: ephemeral models, sources, exposures, tests and unit tests are nodes in it, so
 * that distances (`2+model`) and indirect selection are those of dbt. Plain data; part of the Pipeline.
 */
export interface SelectionGraph {
  readonly rootPackage: string;
  /** Sorted by id. */
  readonly nodes: readonly SelectionNode[];
}

export type SelectionResourceType = 'model' | 'seed' | 'snapshot' | 'source' | 'exposure' | 'test' | 'unit_test';

export interface SelectionNode {
  /** dbt unique_id. */
  readonly id: string;
  readonly resourceType: SelectionResourceType;
  readonly package: string;
  readonly name: string;
  /** The source's name; null for other nodes. */
  readonly sourceName: string | null;
  readonly fqn: readonly string[];
  readonly version: string | null;
  readonly latestVersion: string | null;
  readonly file: string;
  readonly patchFile: string | null;
  readonly tags: readonly string[];
  readonly group: string | null;
  readonly materialized: string | null;
  readonly testKind: 'generic' | 'singular' | 'unit' | null;
  readonly testName: string | null;
  readonly severity: 'error' | 'warn' | null;
  /** What the node reads, sorted. */
  readonly parents: readonly string[];
}

/** Builds the graph for selections; edges to unknown nodes are left out (toPipeline reports them). */
export function buildSelectionGraph(orchestration: Orchestration): SelectionGraph {
  const rootPackage = orchestration.dbt.project_name;
  const parents = new Map<string, Set<string>>();
  for (const [from, to] of orchestration.edges) {
    const list = parents.get(to);
    if (list === undefined) parents.set(to, new Set([from]));
    else list.add(from);
  }
  const nodes: SelectionNode[] = [
    ...orchestration.nodes.map((node) => ({
      ...empty,
      id: node.unique_id,
      resourceType: node.resource_type,
      package: node.package,
      name: node.name,
      fqn:
        node.fqn.length > 0
          ? node.fqn
          : [node.package, node.name, ...(node.version === null ? [] : [`v${node.version}`])],
      version: textOf(node.version),
      latestVersion: textOf(node.latest_version),
      file: node.file,
      patchFile: node.patch_file,
      tags: node.tags,
      group: node.group,
      materialized: node.materialized,
      parents: sorted(parents.get(node.unique_id) ?? []),
    })),
    ...orchestration.sources.map((source) => ({
      ...empty,
      id: source.unique_id,
      resourceType: 'source' as const,
      package: source.package,
      name: source.name,
      sourceName: source.source_name,
      fqn: source.fqn,
      file: source.file,
      tags: source.tags,
    })),
    ...orchestration.exposures.map((exposure) => {
      const home = exposure.package === '' ? rootPackage : exposure.package;
      return {
        ...empty,
        id: exposure.unique_id,
        resourceType: 'exposure' as const,
        package: home,
        name: exposure.name,
        fqn: exposure.fqn.length > 0 ? exposure.fqn : [home, exposure.name],
        file: exposure.file,
        tags: exposure.tags,
        parents: sorted(exposure.parents),
      };
    }),
    ...orchestration.checks.map((check) => ({
      ...empty,
      id: check.unique_id,
      resourceType: check.kind === 'unit' ? ('unit_test' as const) : ('test' as const),
      package: check.package,
      name: check.name,
      fqn: check.fqn.length > 0 ? check.fqn : [check.package, check.name],
      file: check.file,
      tags: check.tags,
      materialized: check.kind === 'unit' ? null : 'test',
      testKind: check.kind,
      testName: check.test_name,
      severity: check.severity,
      parents: sorted(check.parents),
    })),
  ];
  const known = new Set(nodes.map((node) => node.id));
  return {
    rootPackage,
    nodes: nodes
      .map((node) => ({ ...node, parents: node.parents.filter((parent) => known.has(parent)) }))
      .sort((left, right) => compareText(left.id, right.id)),
  };
}

const empty = {
  sourceName: null,
  version: null,
  latestVersion: null,
  patchFile: null,
  group: null,
  materialized: null,
  testKind: null,
  testName: null,
  severity: null,
  parents: [],
} satisfies Partial<SelectionNode>;

function sorted(ids: Iterable<string>): string[] {
  return [...new Set(ids)].sort(compareText);
}

function textOf(version: string | number | null): string | null {
  return version === null ? null : String(version);
}
