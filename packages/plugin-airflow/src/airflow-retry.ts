import { InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import { isSuccessful, type NodeStatus } from '@floe/core/execution/node-status';
import type { RunReference } from '@floe/core/execution/run-backend';
import type { RunRecord } from '@floe/core/execution/run-record';
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
  const done = await readSuccessful(plan, call);
  const ids = planned.filter((id) => !done.has(id));
  if (ids.length > 0) return ids;
  throw notRetryable(`Run ${run.runId} has nothing left to do.`, 'Start a new run of the product instead.');
}

async function readSuccessful({ backend, run }: RetryPlan, call: CallOptions): Promise<ReadonlySet<string>> {
  const statuses = new Map<string, NodeStatus>();
  let record: RunRecord | undefined;
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<AirflowRunBackend['read']>> = await backend.read(run, cursor, call);
    if (!page.ok) throw new PluginExecutionError(page.failure);
    const { phase, nodes } = page.value;
    if (phase !== 'ended') {
      throw notRetryable(
        `Run ${run.runId} has not ended yet (${phase}).`,
        'Wait for its end, or cancel it first (`floe cancel`).',
      );
    }
    for (const { id, status } of nodes) statuses.set(id, status);
    record ??= page.value.record;
    if (!page.value.hasMore || page.value.cursor === cursor) break;
    cursor = page.value.cursor;
  }
  for (const { nodes } of record?.attempts ?? []) for (const { id, status } of nodes) statuses.set(id, status);
  return new Set([...statuses].filter(([, status]) => isSuccessful(status)).map(([id]) => id));
}

function notRetryable(message: string, resolution: string): InputError {
  return new InputError({ code: 'RUN_NOT_RETRYABLE', message, resolution });
}
