import type { JobResult } from '../execution/job-result.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { LineageDatasets } from './lineage-datasets.js';
import { eventSchemas, producer, type LineageFacet, type RunLineageEvent } from './lineage-event.js';
import { facet, jobKindOf, jobTypeFacet } from './lineage-facets.js';
import { lineageRunId } from './lineage-run-id.js';

/** A node that had started and was not seen to end. */
export interface OpenNode {
  readonly id: string;
  /** From 1. */
  readonly attempt: number;
}

export interface ClosingLineage {
  readonly pipeline: Pipeline;
  /** Of jobs. */
  readonly namespace: string;
  readonly datasetNamespace: string;
  readonly result: JobResult;
  readonly open: readonly OpenNode[];
  /** ISO 8601 with zone. */
  readonly at: string;
}

const ends = {
  failed: { type: 'FAIL', code: 'RUN_FAILED', text: 'the run failed before it could report' },
  lost: { type: 'FAIL', code: 'RUN_LOST', text: 'the process of the run was lost' },
  timed_out: { type: 'ABORT', code: 'RUN_TIMED_OUT', text: 'the run reached its time limit' },
  cancelled: { type: 'ABORT', code: 'RUN_CANCELLED', text: 'the run was cancelled' },
} as const;

/**
 * The ends that the runtime could not tell, because its process was gone: of the nodes that were running, then of the
 * run. The ids are those of the runtime's own events, so nothing is told twice. Empty for a run that succeeded.
 */
export function closingEvents(input: ClosingLineage): RunLineageEvent[] {
  const { result, pipeline, namespace, at } = input;
  if (result.status === 'succeeded') return [];
  const { name } = pipeline.product;
  const runId = lineageRunId({ namespace, key: result.key });
  const end = ends[result.status];
  const facetsOf = (attempt?: number): Record<string, LineageFacet> => ({
    ...(result.status !== 'cancelled' && {
      errorMessage: facet('errorMessage', { message: `${end.code}: ${end.text}`, programmingLanguage: 'SQL' }),
    }),
    floe: facet('floe', {
      product: name,
      environment: pipeline.product.environment,
      runKey: result.key,
      reason: end.code,
      ...(attempt !== undefined && { attempt }),
    }),
  });
  const parentJob = { namespace, name };
  const parent = facet('parent', { run: { runId }, job: parentJob, root: { run: { runId }, job: parentJob } });
  const common = { eventTime: at, producer, schemaURL: eventSchemas.run, eventType: end.type } as const;
  const nodes = input.open.flatMap(({ id, attempt }) => {
    const work = workOf(input, id);
    if (work === undefined) return [];
    const run = {
      runId: lineageRunId({ namespace, key: result.key, node: { id, attempt } }),
      facets: { parent, ...facetsOf(attempt) },
    };
    const { jobType, inputs, outputs } = work;
    return [{ ...common, run, job: { namespace, name: id, facets: { jobType } }, inputs, outputs }];
  });
  const job = { namespace, name, facets: { jobType: jobTypeFacet('DAG') } };
  return [...nodes, { ...common, run: { runId, facets: facetsOf() }, job, inputs: [], outputs: [] }];
}

function workOf({ pipeline, datasetNamespace }: ClosingLineage, id: string) {
  const datasets = new LineageDatasets(pipeline, datasetNamespace);
  const asset = pipeline.assets.find((candidate) => candidate.id === id);
  if (asset !== undefined) {
    const jobType = jobTypeFacet(jobKindOf(asset));
    return { jobType, inputs: datasets.inputsOf(asset), outputs: datasets.outputsOf(asset) };
  }
  const check = pipeline.checks.find((candidate) => candidate.id === id);
  if (check === undefined) return undefined;
  const jobType = jobTypeFacet(check.kind === 'unit' ? 'UNIT_TEST' : 'TEST');
  return { jobType, inputs: datasets.testedBy(check), outputs: [] };
}
