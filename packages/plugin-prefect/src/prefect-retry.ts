import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { idsNotDone } from '@floe/core/execution/ids-not-done';
import type { RunReference } from '@floe/core/execution/run-backend';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import type { PrefectClient } from './prefect-client.js';
import type { PrefectRunBackend } from './prefect-run-backend.js';
import { readRun } from './prefect-runs.js';

export interface RetryPlan {
  readonly client: PrefectClient;
  readonly backend: PrefectRunBackend;
  readonly pipeline: Pipeline;
  readonly run: RunReference;
}

/**
 * The ids that an ended run was to do and did not do with success; nodes that the product no longer has are left out.
 * Computed from the parameters and the task runs of the run, so that it also works for one whose process was killed.
 * @throws InputError RUN_NOT_RETRYABLE, PluginExecutionError
 */
export async function idsToRetry(plan: RetryPlan, call: CallOptions): Promise<string[]> {
  const run = await readRun(plan.client, plan.run.runId, call);
  if (!run.ok) throw new PluginExecutionError(run.failure);
  const planned = plannedIds(run.value.parameters, plan.pipeline);
  return idsNotDone(plan.backend, plan.run, planned, call);
}

const parametersSchema = z.looseObject({
  floe: z
    .looseObject({ ids: z.array(z.string()).nullish(), checks: z.boolean().nullish() })
    .nullish()
    .catch(null),
  job: z.string().nullish().catch(null),
});

/** The ids that a run was to do, by its parameters. */
export function plannedIds(parameters: Readonly<Record<string, unknown>>, pipeline: Pipeline): string[] {
  const { floe, job: jobName } = parametersSchema.parse(parameters);
  const job = pipeline.jobs.find(({ name }) => name === jobName);
  const jobIds = job === undefined || job === pipeline.jobs[0] ? undefined : [...job.assets, ...job.checks];
  const ids = floe?.ids ?? jobIds;
  const wanted = ids === undefined ? undefined : new Set(ids);
  const checks = floe?.checks === false ? [] : pipeline.checks;
  return [...pipeline.assets, ...checks].map(({ id }) => id).filter((id) => wanted?.has(id) ?? true);
}
