import { InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import { isSuccessful, type NodeStatus } from '@floe/core/execution/node-status';
import type { RunReference } from '@floe/core/execution/run-backend';
import type { RunRecord } from '@floe/core/execution/run-record';
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
  const done = await readSuccessful(plan, call);
  const ids = planned.filter((id) => !done.has(id));
  if (ids.length > 0) return ids;
  throw notRetryable(`Run ${plan.run.runId} has nothing left to do.`, 'Start a new run of the product instead.');
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

async function readSuccessful({ backend, run }: RetryPlan, call: CallOptions): Promise<ReadonlySet<string>> {
  const statuses = new Map<string, NodeStatus>();
  let record: RunRecord | undefined;
  let cursor: string | null = null;
  for (let looks = 1; ; looks += 1) {
    const page: Awaited<ReturnType<PrefectRunBackend['read']>> = await backend.read(run, cursor, call);
    if (!page.ok) throw new PluginExecutionError(page.failure);
    for (const { id, status } of page.value.nodes) statuses.set(id, status);
    record ??= page.value.record;
    if (page.value.phase === 'ended') break;
    // An end is believed when it is seen twice.
    if (!page.value.hasMore && looks > 1) {
      throw notRetryable(
        `Run ${run.runId} has not ended yet (${page.value.phase}).`,
        'Wait for its end, or cancel it first (`floe cancel`).',
      );
    }
    cursor = page.value.cursor;
  }
  for (const { nodes } of record?.attempts ?? []) for (const { id, status } of nodes) statuses.set(id, status);
  return new Set([...statuses].filter(([, status]) => isSuccessful(status)).map(([id]) => id));
}

function notRetryable(message: string, resolution: string): InputError {
  return new InputError({ code: 'RUN_NOT_RETRYABLE', message, resolution });
}
