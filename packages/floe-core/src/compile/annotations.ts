import type { ResolvedModel } from '../artifacts/compiled-artifacts.js';
import type { OrchestrationNode } from '../artifacts/orchestration.js';
import { closestWord } from '../errors/did-you-mean.js';
import type { Problem } from '../errors/problem.js';
import type { KeyPath } from '../manifest/key-path.js';
import type { Located, ProductSpec, ProductTransform } from '../manifest/product-spec.js';
import type { DbtGraph } from './dbt-graph.js';
import { createAncestry, type Ancestry } from './ancestry.js';

/** dbt's nodes with what floe.yaml says about them. */
export interface AnnotatedGraph {
  readonly nodes: readonly OrchestrationNode[];
  readonly models: readonly ResolvedModel[];
  readonly problems: readonly Problem[];
}

/**
 * Lays `transforms` of floe.yaml over dbt's nodes. They annotate and never filter: a model that is not named is kept as
 * it is, an unknown name is an error, a declared edge must be among dbt's transitive edges.
 */
export function annotate(
  graph: DbtGraph,
  spec: Located<ProductSpec>,
  project: { readonly name: string; readonly compute: string },
): AnnotatedGraph {
  const named = nodesByName(graph.nodes, project.name);
  const ancestry = createAncestry(graph.edges);
  const problems: Problem[] = [];
  const annotations = new Map<string, ProductTransform>();
  const undeclared = new Set<string>();
  const models = new Map(
    graph.nodes.filter((node) => node.resource_type === 'model').map((node) => [node.unique_id, node]),
  );
  for (const [index, transform] of (spec.value.transforms ?? []).entries()) {
    const path: KeyPath = ['transforms', index];
    const nodes = named.get(transform.name);
    if (nodes === undefined) {
      problems.push(unknownModel(transform.name, named, spec, [...path, 'name']));
      continue;
    }
    for (const node of nodes) annotations.set(node.unique_id, transform);
    if (transform.compute && transform.compute !== project.compute) {
      problems.push(otherCompute(transform, project.compute, spec, [...path, 'compute']));
    }
    problems.push(...declaredEdgeProblems(transform, nodes, { named, ancestry, spec, path }));
    for (const edge of undeclaredParents(transform, nodes, ancestry, models)) undeclared.add(edge);
  }
  if (undeclared.size > 0) problems.push(undeclaredWarning([...undeclared], spec));
  return {
    nodes: graph.nodes.map((node) => annotated(node, annotations.get(node.unique_id))),
    models: resolvedModels(models, annotations, ancestry, project.compute),
    problems,
  };
}

type NodesByName = ReadonlyMap<string, readonly OrchestrationNode[]>;

/** Models first, then snapshots and seeds; the root project's win over those of packages. */
function nodesByName(nodes: readonly OrchestrationNode[], rootPackage: string): NodesByName {
  const rank = (node: OrchestrationNode): number =>
    (node.package === rootPackage ? 0 : 3) + ['model', 'snapshot', 'seed'].indexOf(node.resource_type);
  const found = new Map<string, OrchestrationNode[]>();
  for (const node of [...nodes].sort((left, right) => rank(left) - rank(right))) {
    const same = found.get(node.name);
    const first = same?.[0];
    if (same === undefined || first === undefined) found.set(node.name, [node]);
    else if (rank(first) === rank(node)) same.push(node);
  }
  return found;
}

function annotated(node: OrchestrationNode, transform: ProductTransform | undefined): OrchestrationNode {
  if (transform === undefined) return node;
  return {
    ...node,
    tier: transform.tier ?? node.tier,
    tags: tagsOf(node, transform),
  };
}

interface EdgeContext {
  readonly named: NodesByName;
  readonly ancestry: Ancestry;
  readonly spec: Located<ProductSpec>;
  readonly path: KeyPath;
}

function declaredEdgeProblems(
  transform: ProductTransform,
  nodes: readonly OrchestrationNode[],
  context: EdgeContext,
): Problem[] {
  return (transform.dependsOn ?? []).flatMap((upstream, index) => {
    const path = [...context.path, 'dependsOn', index];
    const parents = context.named.get(upstream);
    if (upstream === transform.name) return [selfDependency(upstream, context.spec, path)];
    if (parents === undefined) return [unknownModel(upstream, context.named, context.spec, path)];
    const reaches = (from: readonly OrchestrationNode[], to: readonly OrchestrationNode[]): boolean =>
      from.some((parent) => to.some((child) => context.ancestry.isAncestor(parent.unique_id, child.unique_id)));
    if (reaches(parents, nodes)) return [];
    return [
      reaches(nodes, parents)
        ? cycle(transform, upstream, context.spec, path)
        : undeclaredEdge(transform, upstream, nodes, context.spec, path),
    ];
  });
}

/** Direct dbt parents that are models and that a transform with a dependsOn list leaves out. */
function undeclaredParents(
  transform: ProductTransform,
  nodes: readonly OrchestrationNode[],
  ancestry: Ancestry,
  models: ReadonlyMap<string, OrchestrationNode>,
): string[] {
  const declared = transform.dependsOn;
  if (!declared) return [];
  return nodes
    .flatMap((node) => ancestry.parents(node.unique_id))
    .flatMap((id) => models.get(id)?.name ?? [])
    .filter((name) => !declared.includes(name))
    .map((name) => `${name} -> ${transform.name}`);
}

/** `transforms.models` of the contract: every dbt model, with its direct parents that are models too. */
function resolvedModels(
  models: ReadonlyMap<string, OrchestrationNode>,
  annotations: ReadonlyMap<string, ProductTransform>,
  ancestry: Ancestry,
  compute: string,
): ResolvedModel[] {
  return [...models.values()].map((node) => {
    const transform = annotations.get(node.unique_id);
    const tags = tagsOf(node, transform);
    const parents = ancestry.parents(node.unique_id).flatMap((id) => models.get(id) ?? []);
    return {
      name: modelName(node),
      compute,
      tags: tags.length > 0 ? tags : null,
      depends_on: parents.map(modelName).sort(),
      quality_checks:
        transform?.qualityChecks?.map((check) => ({
          ...check,
          column: check.column ?? null,
          custom_weight: check.custom_weight ?? null,
        })) ?? null,
      quality_tier: transform?.tier ?? null,
    };
  });
}

function tagsOf(node: OrchestrationNode, transform: ProductTransform | undefined): string[] {
  return [...new Set([...node.tags, ...(transform?.tags ?? [])])].sort();
}

function modelName(node: OrchestrationNode): string {
  return node.version === null ? node.name : `${node.name}.v${node.version}`;
}

function unknownModel(name: string, named: NodesByName, spec: Located<ProductSpec>, path: KeyPath): Problem {
  const closest = closestWord(name, named.keys());
  return {
    code: 'UNKNOWN_MODEL',
    severity: 'error',
    message: `The dbt project has no model, snapshot or seed "${name}".`,
    resolution:
      closest === undefined ? 'Remove the name, or add the model to the dbt project.' : `Did you mean "${closest}"?`,
    location: spec.locator.locate(path),
  };
}

function otherCompute(
  transform: ProductTransform,
  compute: string,
  spec: Located<ProductSpec>,
  path: KeyPath,
): Problem {
  return {
    code: 'INVALID_VALUE',
    severity: 'error',
    message: `"${transform.name}" asks for the compute "${transform.compute ?? ''}", but the platform runs "${compute}".`,
    resolution:
      'Remove "compute" from the transform; every model of a product runs on plugins.compute of the manifest.',
    location: spec.locator.locate(path),
  };
}

function selfDependency(name: string, spec: Located<ProductSpec>, path: KeyPath): Problem {
  return {
    code: 'SELF_DEPENDENCY',
    severity: 'error',
    message: `"${name}" depends on itself.`,
    resolution: 'Remove the entry from dependsOn.',
    location: spec.locator.locate(path),
  };
}

function cycle(transform: ProductTransform, upstream: string, spec: Located<ProductSpec>, path: KeyPath): Problem {
  return {
    code: 'DEPENDENCY_CYCLE',
    severity: 'error',
    message: `"${transform.name}" is declared to depend on "${upstream}", but in dbt "${upstream}" depends on "${transform.name}": that would be a cycle.`,
    resolution: 'Remove the entry from dependsOn.',
    location: spec.locator.locate(path),
  };
}

function undeclaredEdge(
  transform: ProductTransform,
  upstream: string,
  nodes: readonly OrchestrationNode[],
  spec: Located<ProductSpec>,
  path: KeyPath,
): Problem {
  const file = nodes[0]?.file ?? '';
  return {
    code: 'UNDECLARED_DBT_EDGE',
    severity: 'error',
    message: `"${transform.name}" is declared to depend on "${upstream}", but dbt does not know that dependency.`,
    resolution: `Use {{ ref('${upstream}') }} in ${file === '' ? 'the model' : file}, write "-- depends_on: {{ ref('${upstream}') }}" there, or remove the entry from dependsOn.`,
    location: spec.locator.locate(path),
  };
}

function undeclaredWarning(edges: readonly string[], spec: Located<ProductSpec>): Problem {
  const shown = edges.slice(0, 5).join(', ');
  const more = edges.length > 5 ? ` and ${edges.length - 5} more` : '';
  return {
    code: 'UNDECLARED_DBT_EDGE',
    severity: 'warning',
    message: `dbt has dependencies that dependsOn does not name; they are used: ${shown}${more}.`,
    resolution: 'Complete dependsOn, or leave it out: dbt knows the dependencies.',
    location: spec.locator.locate(['transforms'], 'key'),
  };
}
