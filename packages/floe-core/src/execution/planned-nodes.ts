import type { Pipeline } from '../pipeline/pipeline.js';
import type { RunRequest } from './run-request.js';

/** What the pipeline knows about a node of a run. */
export interface NodeDescription {
  readonly id: string;
  readonly name: string;
  /** model, seed, snapshot, test or unit_test: dbt's resource types. */
  readonly kind: string;
  readonly file: string | null;
}

/** The nodes of a product and those that a run must have done to be green. */
export interface PlannedNodes {
  /** Assets in topological order, then checks. */
  readonly known: ReadonlyMap<string, NodeDescription>;
  /** Ids that must succeed; null when only the run itself knows (attached to, or repeated by the orchestrator). */
  readonly expected: readonly string[] | null;
}

/** Plans the nodes of a run. `selfPlanned` is true when the request does not say what the run is made of. */
export function planNodes(
  pipeline: Pipeline,
  request: Pick<RunRequest, 'ids' | 'checks'>,
  selfPlanned: boolean,
): PlannedNodes {
  const known = new Map<string, NodeDescription>();
  for (const { id, name, kind, file } of pipeline.assets) known.set(id, { id, name, kind, file });
  const checks = new Set<string>();
  for (const { id, name, kind, file } of pipeline.checks) {
    checks.add(id);
    known.set(id, { id, name, kind: kind === 'unit' ? 'unit_test' : 'test', file });
  }
  const wanted = request.ids ?? (selfPlanned ? null : [...known.keys()]);
  const expected = wanted?.filter((id) => request.checks || !checks.has(id)) ?? null;
  return { known, expected };
}

/** The description of any node, from its id alone when the pipeline does not have it. */
export function describeNode(planned: PlannedNodes, id: string): NodeDescription {
  const known = planned.known.get(id);
  if (known !== undefined) return known;
  const [kind = 'node', , name = id] = id.split('.');
  return { id, name, kind, file: null };
}

/** The name of the job that a request runs: the job with the same nodes, else the whole product's. */
export function jobNameOf(pipeline: Pipeline, request: Pick<RunRequest, 'ids'>): string {
  const whole = pipeline.jobs[0]?.name ?? pipeline.product.name;
  if (request.ids === null) return whole;
  const wanted = new Set(request.ids);
  const same = pipeline.jobs.find(
    ({ assets, checks }) =>
      assets.length + checks.length === wanted.size && [...assets, ...checks].every((id) => wanted.has(id)),
  );
  return same?.name ?? whole;
}
