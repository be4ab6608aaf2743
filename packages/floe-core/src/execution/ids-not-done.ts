import { InputError, PluginExecutionError } from '../errors/floe-error.js';
import type { CallOptions } from '../time/call-options.js';
import { isSuccessful, type NodeStatus } from './node-status.js';
import type { RunBackend, RunReference } from './run-backend.js';
import type { RunRecord } from './run-record.js';

/**
 * What of an ended run is to be done again: everything planned that was not seen to succeed, by the orchestrator's word
 * about each node and by the record, so that it also works for a run whose process was killed.
 * @throws InputError RUN_NOT_RETRYABLE when the run has not ended, or has nothing left to do
 */
export async function idsNotDone(
  backend: Pick<RunBackend, 'read'>,
  run: RunReference,
  planned: readonly string[],
  call: CallOptions,
): Promise<string[]> {
  const done = await readSuccessful(backend, run, call);
  const ids = planned.filter((id) => !done.has(id));
  if (ids.length > 0) return ids;
  throw notRetryable(`Run ${run.runId} has nothing left to do.`, 'Start a new run of the product instead.');
}

async function readSuccessful(
  backend: Pick<RunBackend, 'read'>,
  run: RunReference,
  call: CallOptions,
): Promise<ReadonlySet<string>> {
  const statuses = new Map<string, NodeStatus>();
  let record: RunRecord | undefined;
  let cursor: string | null = null;
  for (let looks = 1; ; looks += 1) {
    const page: Awaited<ReturnType<RunBackend['read']>> = await backend.read(run, cursor, call);
    if (!page.ok) throw new PluginExecutionError(page.failure);
    const { phase, nodes, hasMore } = page.value;
    for (const { id, status } of nodes) statuses.set(id, status);
    record ??= page.value.record;
    const isLast = !hasMore || page.value.cursor === cursor;
    if (phase === 'ended' && isLast) break;
    // A backend may believe an end only when it has seen it twice.
    if (phase !== 'ended' && isLast && looks > 1) {
      throw notRetryable(
        `Run ${run.runId} has not ended yet (${phase}).`,
        'Wait for its end, or cancel it first (`floe cancel`).',
      );
    }
    cursor = page.value.cursor;
  }
  for (const { nodes } of record?.attempts ?? []) for (const { id, status } of nodes) statuses.set(id, status);
  return new Set([...statuses].filter(([, status]) => isSuccessful(status)).map(([id]) => id));
}

/** A run that cannot be repeated in part. */
export function notRetryable(message: string, resolution: string): InputError {
  return new InputError({ code: 'RUN_NOT_RETRYABLE', message, resolution });
}
