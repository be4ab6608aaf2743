import { BlindSpell } from './blind-spell.js';
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

/** Between two looks, however near a deadline is. */
const minimalWaitMs = 100;
/** Looks are not quicker than this because of finished nodes, so that watching costs the orchestrator little. */
const progressDelayMs = 1_000;

/** What was told to the user once, over all runs that take each other's place. */
export interface Announcements {
  waiting: boolean;
  stuck: boolean;
  unended: boolean;
}

/**
 * Looks at a run until it ends, a deadline passes, or the caller cancels.
 * @throws PluginExecutionError when it could not be observed for the observation timeout; the run itself is left alone
 */
export async function watchRun(driver: Driver, followed: FollowedRun, announced: Announcements): Promise<WatchEnd> {
  const { signal, limits, time, context } = driver;
  const delay = new PollDelay(context.random);
  const blind = new BlindSpell(limits.observationTimeout * 1_000, time.now());
  for (;;) {
    if (signal.aborted) return { kind: 'stop', reason: { kind: 'signal' }, diagnosis: undefined };
    const look = await followed.look({ signal });
    if (look.kind === 'aborted') continue;
    if (look.kind === 'fault') {
      const verdict = blind.take(look.fault, time.now());
      if (verdict === 'unobservable') throw unobservable(driver, followed, look.fault, blind.length(time.now()));
      if (verdict === 'vanished') return { kind: 'vanished' };
      await time.sleep(
        Math.min(delay.next(look.fault.retryAfter), Math.max(minimalWaitMs, blind.left(time.now()))),
        signal,
      );
      continue;
    }
    blind.end(time.now());
    if (look.snapshot.phase === 'ended') return { kind: 'ended' };
    const reason = followed.phases.passed() ?? busyReason(driver, look.snapshot.waitingForOwnSlot);
    if (reason !== undefined) {
      const diagnosis = reason.kind === 'deadline' ? await diagnose(driver, followed.run, reason.phase) : undefined;
      return { kind: 'stop', reason, diagnosis };
    }
    await announce(driver, followed, announced);
    if (look.snapshot.phase !== 'queued') await followed.readLogs({ signal });
    if (look.more || followed.tracker.allFinished) delay.quicken();
    else if (look.news) delay.quicken(look.snapshot.nodes.length > 0 ? progressDelayMs : 0);
    await time.sleep(Math.min(delay.next(), Math.max(minimalWaitMs, followed.phases.left())), signal);
  }
}

function busyReason({ input }: Driver, waitingForOwnSlot = false): StopReason | undefined {
  const waits = input.attachTo !== undefined || input.pipeline.execution.onBusy === 'wait';
  return waitingForOwnSlot && !waits ? { kind: 'busy' } : undefined;
}

/**
 * Says once that another run of the product is waited for, once why a run does not get going, and once why it does not
 * end although its nodes have.
 */
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
  if (!announced.unended && phase === 'running' && followed.doneFor() >= limits.endDiagnosisAfter * 1_000) {
    announced.unended = true;
    const diagnosis = await diagnose(driver, followed.run, phase);
    if (diagnosis !== undefined) events.push({ type: 'waiting', diagnosis });
    return;
  }
  if (announced.stuck || (phase !== 'queued' && phase !== 'starting') || followed.phases.hasRun) return;
  if (followed.phases.idle() < limits.earlyDiagnosisAfter * 1_000) return;
  announced.stuck = true;
  const diagnosis = await diagnose(driver, followed.run, phase);
  if (diagnosis !== undefined) events.push({ type: 'waiting', diagnosis });
}

function unobservable(driver: Driver, followed: FollowedRun, fault: BackendFault, blindMs: number): Error {
  const seconds = Math.round(blindMs / 1_000);
  return runError(driver, {
    code: fault.code === 'INTERNAL' ? 'PLATFORM_ANSWER_INVALID' : fault.code,
    message: `Run ${followed.run.runId} could not be observed for ${seconds} s: ${fault.message} It may still be going on.`,
    resolution: `${fault.resolution} Then follow the run again with its key ${driver.input.request.key}.`,
    run: followed.run,
    logs: followed.logTail.lines,
  });
}
