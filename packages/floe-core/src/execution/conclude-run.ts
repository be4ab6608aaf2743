import type { Driver } from './driver.js';
import { evaluateOutcome } from './evaluate-outcome.js';
import type { FollowEnd } from './follow-run.js';
import type { JobResult } from './job-result.js';
import { runErrorDocument } from './run-error.js';

/** Makes the result of a run that is over. */
export function concludeRun(driver: Driver, end: FollowEnd): JobResult {
  const { input, limits, planned, time } = driver;
  const { followed, vanished, stop, stopDiagnosis, diagnosis } = end;
  const { run, snapshot, tracker, logTail } = followed;
  const verdict = evaluateOutcome({
    ending: snapshot?.phase === 'ended' ? (snapshot.ending ?? 'lost') : undefined,
    vanished,
    record: followed.record,
    cause: followed.cause,
    diagnosis,
    stop,
    stopDiagnosis,
    planned,
    key: typeof input.attachTo === 'object' ? null : input.request.key,
    expectedHash: input.expectedHash,
    finishTimeout: limits.finishTimeout,
  });
  const { status, failure, record } = verdict;
  const nodes = tracker.outcomes(record, status === 'lost' ? 'unknown' : 'cancelled');
  const startedAt = followed.startedAt ?? record?.started_at ?? null;
  const finishedAt = snapshot?.finishedAt ?? record?.finished_at ?? null;
  return {
    status,
    key: input.request.key,
    runId: run.runId,
    url: run.url,
    attempts: (record?.attempts ?? []).map(({ n, delay, nodes: done }) => ({
      n,
      delay,
      nodeIds: done.map(({ id }) => id),
    })),
    nodes,
    logs: logTail.lines,
    startedAt,
    finishedAt,
    durationMs: durationOf(startedAt, finishedAt) ?? time.now(),
    ...(record !== undefined && { observers: record.observers }),
    ...(verdict.diagnosis !== undefined && { diagnosis: verdict.diagnosis }),
    ...(failure !== undefined && { error: runErrorDocument(driver, { ...failure, run, nodes, logs: logTail.lines }) }),
  };
}

/** Milliseconds by the orchestrator's own clock, which may differ from ours. */
function durationOf(startedAt: string | null, finishedAt: string | null): number | undefined {
  if (startedAt === null || finishedAt === null) return undefined;
  const milliseconds = Date.parse(finishedAt) - Date.parse(startedAt);
  return milliseconds >= 0 ? milliseconds : undefined;
}
