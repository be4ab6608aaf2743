import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { idsNotDone, notRetryable } from '@floe/core/execution/ids-not-done';
import type { RunReference } from '@floe/core/execution/run-backend';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { CallOptions } from '@floe/core/time/call-options';
import type { AirflowClient } from './airflow-client.js';
import { plannedIds } from './airflow-planned-ids.js';
import type { AirflowRunBackend } from './airflow-run-backend.js';
import { readRun } from './airflow-runs.js';

export interface RetryPlan {
  readonly client: AirflowClient;
  readonly backend: AirflowRunBackend;
  readonly pipeline: Pipeline;
  readonly dagId: string;
  readonly run: RunReference;
}

/**
 * The ids that an ended run was to do and did not do with success; nodes that the product no longer has are left out.
 * Computed from the run's conf and its log too, so that it also works for a run whose process was killed.
 * @throws InputError RUN_NOT_RETRYABLE, PluginExecutionError
 */
export async function idsToRetry(plan: RetryPlan, call: CallOptions): Promise<string[]> {
  const { client, dagId, run, pipeline } = plan;
  const answer = await readRun(client, { dagId, runId: run.runId }, call);
  if (!answer.ok) throw new PluginExecutionError(answer.failure);
  if (answer.value === undefined) {
    throw notRetryable(`Airflow does not know the run ${run.runId} any more.`, 'Start a new run of the product.');
  }
  const planned = plannedIds(answer.value.conf ?? {}, pipeline);
  return idsNotDone(plan.backend, plan.run, planned, call);
}
