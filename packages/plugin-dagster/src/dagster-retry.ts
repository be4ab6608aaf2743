import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { idsNotDone, notRetryable } from '@floe/core/execution/ids-not-done';
import type { RunReference } from '@floe/core/execution/run-backend';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { CallOptions } from '@floe/core/time/call-options';
import { runSelectionAnswer } from './dagster-answers.js';
import type { DagsterClient } from './dagster-client.js';
import type { NameTable } from './dagster-name-table.js';
import type { DagsterRunBackend } from './dagster-run-backend.js';
import { plannedIds } from './dagster-selection.js';
import { RunSelectionDocument } from './generated/graphql.js';

export interface RetryPlan {
  readonly client: DagsterClient;
  readonly backend: DagsterRunBackend;
  readonly pipeline: Pipeline;
  readonly names: NameTable;
  readonly run: RunReference;
}

/**
 * The ids that an ended run was to do and did not do with success; nodes that the product no longer has are left out.
 * Computed from Dagster's own events, so that it also works for a run whose process was killed.
 * @throws InputError RUN_NOT_RETRYABLE, PluginExecutionError
 */
export async function idsToRetry(plan: RetryPlan, call: CallOptions): Promise<string[]> {
  const planned = await plannedIdsOf(plan, call);
  return idsNotDone(plan.backend, plan.run, planned, call);
}

async function plannedIdsOf({ client, run, pipeline, names }: RetryPlan, call: CallOptions): Promise<string[]> {
  const answer = await client.execute(RunSelectionDocument, { runId: run.runId }, runSelectionAnswer, call);
  if (!answer.ok) throw new PluginExecutionError(answer.failure);
  const { runOrError } = answer.value;
  if (runOrError.__typename === 'Run') return plannedIds(runOrError, pipeline, names);
  throw notRetryable(`Dagster does not know the run ${run.runId} any more.`, 'Start a new run of the product.');
}
