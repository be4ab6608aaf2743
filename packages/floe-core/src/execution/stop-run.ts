import type { Driver } from './driver.js';
import type { FollowedRun } from './followed-run.js';
import type { Diagnosis } from './job-result.js';
import { PollDelay } from './poll-delay.js';
import type { StopReason } from './stop-reason.js';

/** How the ladder ended. */
export interface StopReport {
  /** True when the orchestrator says that the run has ended. */
  readonly ended: boolean;
  /** What is left open: work that may still run, a cancel that was refused. */
  readonly diagnosis?: Diagnosis;
}

/** State of the ladder, kept while it climbs over to a run that takes the place of another. */
export interface StopLadder {
  /** ElapsedTime from which force is used. */
  readonly forceAt: number;
  readonly giveUpAt: number;
  /** True once the orchestrator took a forced cancel. */
  forced: boolean;
}

/** The same answer this many times in a row is believed, when it says that nothing more will come. */
const believedAfter = 3;

/** Milliseconds that a call of the ladder may take at the least, however near its end is. */
const minimalCallMs = 2_000;

/** Begins a ladder now; when somebody else has asked politely before, at its second rung. */
export function beginStop({ limits, time }: Driver, reason: StopReason): StopLadder {
  const forceAt = time.now() + (reason.kind === 'elsewhere' ? 0 : limits.cancelGrace * 1_000);
  return { forceAt, giveUpAt: forceAt + limits.forceGrace * 1_000, forced: false };
}

/** Goes on with a run that takes the place of the one that was being ended: it has as much time as a forced end. */
export function continueStop({ limits, time }: Driver, { forceAt, giveUpAt }: StopLadder): StopLadder {
  return { forceAt, giveUpAt: Math.max(giveUpAt, time.now() + limits.forceGrace * 1_000), forced: false };
}

/**
 * Ends a run: asks politely, again while the orchestrator says "not now", by force after `cancelGrace`, and gives up
 * after `forceGrace` more. Never takes longer than both together and one call.
 */
export async function stopRun(driver: Driver, followed: FollowedRun, ladder: StopLadder): Promise<StopReport> {
  const { time, context } = driver;
  const delay = new PollDelay(context.random);
  const state: LadderState = { force: false, asked: 'no', lastFault: undefined };
  let refusals = 0;
  followed.beginStop();
  for (;;) {
    await climb(driver, followed, ladder, state);
    const look = await followed.look({ timeoutMs: callTimeMs(driver, ladder) });
    if (look.kind === 'seen' && look.snapshot.phase === 'ended') return { ended: true, ...endedDiagnosis(ladder) };
    if (look.kind === 'fault') state.lastFault = look.fault.message;
    refusals = look.kind === 'fault' && !look.fault.retryable ? refusals + 1 : 0;
    const hopeless = state.force && state.asked === 'refused' && refusals >= believedAfter;
    // a jump of the clock may skip the second rung; it is tried all the same
    if (hopeless || (state.force && time.now() >= ladder.giveUpAt)) {
      return { ended: false, diagnosis: unconfirmed(ladder, state.lastFault) };
    }
    const nextRung = (state.force ? ladder.giveUpAt : ladder.forceAt) - time.now();
    const retryAfter = look.kind === 'fault' ? look.fault.retryAfter : undefined;
    await time.sleep(Math.min(delay.next(retryAfter), Math.max(1, nextRung)));
  }
}

interface LadderState {
  force: boolean;
  asked: 'no' | 'accepted' | 'refused';
  lastFault: string | undefined;
}

/** Asks as the rung says, unless that was taken already; a refusal will not change by waiting: the next rung is due now. */
async function climb(driver: Driver, followed: FollowedRun, ladder: StopLadder, state: LadderState): Promise<void> {
  if (!state.force && driver.time.now() >= ladder.forceAt) {
    state.force = true;
    state.asked = 'no';
  }
  if (state.asked !== 'no') return;
  state.asked = await ask(driver, followed, ladder, state);
  if (state.asked !== 'refused' || state.force) return;
  state.force = true;
  state.asked = await ask(driver, followed, ladder, state);
}

async function ask(
  driver: Driver,
  followed: FollowedRun,
  ladder: StopLadder,
  state: LadderState,
): Promise<LadderState['asked']> {
  const { backend, calls } = driver;
  const timeoutMs = callTimeMs(driver, ladder);
  const result = await calls.ask({ timeoutMs }, (options) => backend.cancel(followed.run, state.force, options));
  if (result.kind === 'aborted') return 'no';
  if (result.kind === 'fault') {
    state.lastFault = result.fault.message;
    return result.fault.retryable ? 'no' : 'refused';
  }
  if (state.force && result.value === 'accepted') ladder.forced = true;
  return result.value === 'not_now' ? 'no' : 'accepted';
}

function callTimeMs({ limits, time }: Driver, { giveUpAt }: StopLadder): number {
  return Math.min(limits.callTimeout * 1_000, Math.max(minimalCallMs, giveUpAt - time.now()));
}

function endedDiagnosis({ forced }: StopLadder): Pick<StopReport, 'diagnosis'> {
  if (!forced) return {};
  return {
    diagnosis: {
      cause: 'forced',
      message: 'forced: work may still run. The run did not end when asked politely and was marked as ended.',
      resolution: 'Look for processes and queries of this run before you start it again.',
    },
  };
}

function unconfirmed({ forced }: StopLadder, lastFault: string | undefined): Diagnosis {
  const why = lastFault === undefined ? '.' : `: ${lastFault}`;
  return {
    cause: 'cancel_unconfirmed',
    message: `${forced ? 'forced: ' : ''}work may still run. The orchestrator did not confirm the end of the run${why}`,
    resolution: 'Look at the run at the orchestrator and end it there.',
  };
}
