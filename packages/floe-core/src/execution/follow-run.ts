import { diagnose } from './diagnosis.js';
import type { Driver } from './driver.js';
import { finishRun } from './finish-run.js';
import { FollowedRun } from './followed-run.js';
import type { Diagnosis } from './job-result.js';
import { LogTail } from './log-tail.js';
import type { RunReference } from './run-backend.js';
import type { RunEvent } from './run-events.js';
import type { StopReason } from './stop-reason.js';
import { beginStop, continueStop, stopRun, type StopLadder } from './stop-run.js';
import type { Submission } from './submission.js';
import { watchRun, type Announcements } from './watch-run.js';

/** A run that is over for the driver. */
export interface FollowEnd {
  /** The last of the runs that took each other's place. */
  readonly followed: FollowedRun;
  readonly vanished: boolean;
  readonly stop?: StopReason;
  /** What ending the run left open. */
  readonly stopDiagnosis?: Diagnosis;
  /** What the orchestrator says about a run that did not go on. */
  readonly diagnosis?: Diagnosis;
}

/** For the log of a run whose end was not confirmed. */
const lastLogMs = 2_000;

/** Follows a run to its end, over to the runs that the orchestrator puts in its place. @throws PluginExecutionError */
export async function followRun(driver: Driver, { run: first, twin }: Submission): Promise<FollowEnd> {
  const logTail = new LogTail(driver.context.redactor);
  const announced: Announcements = { waiting: false, stuck: false, unended: false };
  const visited = new Set([first.runId]);
  let followed = new FollowedRun(driver, first, logTail);
  let ladder: StopLadder | undefined;
  let stop: StopReason | undefined;
  let diagnosis: Diagnosis | undefined;
  for (;;) {
    let vanished = false;
    let stopDiagnosis: Diagnosis | undefined;
    if (stop === undefined) {
      const end = await watchRun(driver, followed, announced);
      vanished = end.kind === 'vanished';
      if (end.kind === 'stop') {
        stop = end.reason;
        diagnosis = end.diagnosis;
      }
    }
    if (stop !== undefined && !followed.ended) {
      ladder = ladder === undefined ? beginStop(driver, stop) : continueStop(driver, ladder);
      stopDiagnosis = (await stopRun(driver, followed, ladder)).diagnosis;
      if (twin !== undefined && !visited.has(twin.runId)) await cancelTwin(driver, twin);
    }
    if (followed.ended) await finishRun(driver, followed);
    else if (stop !== undefined) await followed.readLogs({ timeoutMs: lastLogMs });
    const next = await successorOf(driver, followed, visited);
    if (next === undefined) {
      const unexplained = followed.record === undefined && followed.cause === undefined && stop === undefined;
      if (unexplained) diagnosis = await diagnose(driver, followed.run, 'finishing');
      return {
        followed,
        vanished,
        ...(stop !== undefined && { stop }),
        ...(stopDiagnosis !== undefined && { stopDiagnosis }),
        ...(diagnosis !== undefined && { diagnosis }),
      };
    }
    driver.events.push(next);
    visited.add(next.run.runId);
    followed = new FollowedRun(driver, next.run, logTail);
  }
}

/** Without the older run, its duplicate in the queue would no longer be one and would begin to work. */
async function cancelTwin({ backend, calls, limits }: Driver, twin: RunReference): Promise<void> {
  await calls.ask({ timeoutMs: limits.callTimeout * 1_000 }, (options) => backend.cancel(twin, false, options));
}

/** The run that took the place of an ended one: a restart, or the older run with the same key. */
async function successorOf(
  driver: Driver,
  followed: FollowedRun,
  visited: ReadonlySet<string>,
): Promise<Extract<RunEvent, { type: 'restarted' | 'submitted' }> | undefined> {
  const { snapshot, record } = followed;
  if (snapshot?.phase !== 'ended' || visited.size > driver.limits.maxFollowedRuns) return undefined;
  const restarted = snapshot.restartedAs;
  if (restarted !== undefined && !visited.has(restarted.runId)) return { type: 'restarted', run: restarted };
  const older = snapshot.duplicateOf ?? (record?.outcome === 'duplicate' ? await findOldest(driver) : undefined);
  if (older !== undefined && !visited.has(older.runId)) return { type: 'submitted', run: older, adopted: true };
  return undefined;
}

async function findOldest({ backend, calls, input, limits }: Driver): Promise<RunReference | undefined> {
  const limit = { timeoutMs: limits.callTimeout * 1_000 };
  const result = await calls.ask(limit, (options) => backend.find(input.request.key, options));
  return result.kind === 'value' ? result.value : undefined;
}
