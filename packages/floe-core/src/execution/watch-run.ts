import { diagnose, ownSlotDiagnosis } from './diagnosis.js';
import type { Driver } from './driver.js';
import type { FollowedRun } from './followed-run.js';
import type { Diagnosis } from './job-result.js';
import { PollDelay } from './poll-delay.js';
import type { BackendFault } from './run-backend.js';
import { runError } from './run-error.js';
import type { StopReason } from './stop-reason.js';

/** Why watching ended. */
export type WatchEnd =
  | { readonly kind: 'ended' }
  | { readonly kind: 'vanished' }
  | { readonly kind: 'stop'; readonly reason: StopReason; readonly diagnosis: Diagnosis | undefined };

/** The same answer this many times in a row is believed, when it says that nothing more will come. */
const believedAfter = 3;
/** A run that was just submitted may not be visible everywhere yet. */
const visibleAfterMs = 30_000;
/** Looks are not quicker than this because of finished nodes, so that watching costs the orchestrator little. */
const progressDelayMs = 1_000;

/** What was told to the user once, over all runs that take each other's place. */
export interface Announcements {
  waiting: boolean;
  stuck: boolean;
}

/**
 * Looks at a run until it ends, a deadline passes, or the caller cancels.
 * @throws PluginExecutionError when it could not be observed for the observation timeout; the run itself is left alone
 */
export async function watchRun(driver: Driver, followed: FollowedRun, announced: Announcements): Promise<WatchEnd> {
  const { signal, limits, time, context } = driver;
  const delay = new PollDelay(context.random);
  const since = time.now();
  let refusals = 0;
  for (;;) {
    if (signal.aborted) return { kind: 'stop', reason: { kind: 'signal' }, diagnosis: undefined };
    const look = await followed.look({ signal });
    if (look.kind === 'aborted') continue;
    if (look.kind === 'fault') {
      const { fault } = look;
      refusals = fault.retryable ? 0 : refusals + 1;
      const blindFor = time.now() - followed.lastSeen;
      if (refusals >= believedAfter) {
        if (fault.code !== 'RUN_NOT_FOUND') throw unobservable(driver, followed, fault);
        if (followed.snapshot !== undefined || time.now() - since >= visibleAfterMs) return { kind: 'vanished' };
      }
      if (blindFor >= limits.observationTimeout * 1_000) throw unobservable(driver, followed, fault);
      const untilBlind = limits.observationTimeout * 1_000 - blindFor;
      await time.sleep(Math.min(delay.next(fault.retryAfter), untilBlind), signal);
      continue;
    }
    refusals = 0;
    if (look.snapshot.phase === 'ended') return { kind: 'ended' };
    const reason = followed.phases.passed() ?? busyReason(driver, look.snapshot.waitingForOwnSlot);
    if (reason !== undefined) {
      const diagnosis = reason.kind === 'deadline' ? await diagnose(driver, followed.run, reason.phase) : undefined;
      return { kind: 'stop', reason, diagnosis };
    }
    await announce(driver, followed, announced);
    if (look.snapshot.phase !== 'queued') await followed.readLogs({ signal });
    if (followed.tracker.allFinished) delay.quicken();
    else if (look.news) delay.quicken(look.snapshot.nodes.length > 0 ? progressDelayMs : 0);
    await time.sleep(Math.min(delay.next(), Math.max(1, followed.phases.left())), signal);
  }
}

function busyReason({ input }: Driver, waitingForOwnSlot = false): StopReason | undefined {
  const waits = input.attachTo !== undefined || input.pipeline.execution.onBusy === 'wait';
  return waitingForOwnSlot && !waits ? { kind: 'busy' } : undefined;
}

/** Says once that another run of the product is waited for, and once why a run does not get going. */
async function announce(driver: Driver, followed: FollowedRun, announced: Announcements): Promise<void> {
  const { events, input, limits } = driver;
  const { snapshot } = followed;
  if (snapshot?.waitingForOwnSlot === true) {
    if (announced.waiting) return;
    announced.waiting = true;
    events.push({ type: 'waiting', diagnosis: ownSlotDiagnosis(input.pipeline.product.name) });
    return;
  }
  const phase = snapshot?.phase;
  if (announced.stuck || (phase !== 'queued' && phase !== 'starting') || followed.phases.hasRun) return;
  if (followed.phases.idle() < limits.earlyDiagnosisAfter * 1_000) return;
  announced.stuck = true;
  const diagnosis = await diagnose(driver, followed.run, phase);
  if (diagnosis !== undefined) events.push({ type: 'waiting', diagnosis });
}

function unobservable(driver: Driver, followed: FollowedRun, fault: BackendFault): Error {
  const seconds = Math.round((driver.time.now() - followed.lastSeen) / 1_000);
  return runError(driver, {
    code: fault.code === 'INTERNAL' ? 'PLATFORM_ANSWER_INVALID' : fault.code,
    message: `Run ${followed.run.runId} could not be observed for ${seconds} s: ${fault.message} It may still be going on.`,
    resolution: `${fault.resolution} Then follow the run again with its key ${driver.input.request.key}.`,
    run: followed.run,
    logs: followed.logTail.lines,
  });
}
