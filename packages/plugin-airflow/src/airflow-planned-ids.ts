import { runRequestSchema } from '@floe/core/execution/run-request';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { jobKey, requestKey } from './airflow-names.js';

/**
 * The ids that a run was to do, by its conf: those of its request, else those of the job that a schedule or sensor
 * named, else all; nodes that the product no longer has are left out.
 */
export function plannedIds(conf: Readonly<Record<string, unknown>>, pipeline: Pipeline): string[] {
  const request = runRequestSchema.safeParse(conf[requestKey]).data;
  const job = pipeline.jobs.find(({ name }) => name === conf[jobKey]);
  const named = request?.ids ?? (job === undefined ? null : [...job.assets, ...job.checks]);
  const wanted = named === null ? undefined : new Set(named);
  const nodes = [...pipeline.assets, ...(request?.checks === false ? [] : pipeline.checks)];
  return nodes.filter(({ id }) => wanted?.has(id) ?? true).map(({ id }) => id);
}
