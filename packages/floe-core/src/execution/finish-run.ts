import type { Driver } from './driver.js';
import type { FollowedRun } from './followed-run.js';
import { PollDelay } from './poll-delay.js';

/** Seconds for a run that never came to work and so leaves no record, and for a caller who wants to leave. */
const shortPatience = 5;

/**
 * Waits after the end for the record and the rest of the log, up to `finishTimeout`. Ends early when a run turns up
 * that takes this one's place.
 */
export async function finishRun(driver: Driver, followed: FollowedRun): Promise<void> {
  const { time, context, signal } = driver;
  const delay = new PollDelay(context.random);
  const began = time.now();
  for (;;) {
    const left = began + patience(driver, followed) - time.now();
    await followed.readLogs({ timeoutMs: Math.max(1_000, left) });
    const { record, snapshot, logsComplete } = followed;
    if (left <= 0 || (record !== undefined && logsComplete)) return;
    if (snapshot?.restartedAs !== undefined || snapshot?.duplicateOf !== undefined) return;
    const wait = Math.min(delay.next(), left);
    await time.sleep(wait, signal.aborted ? undefined : signal);
    await followed.look({ timeoutMs: Math.max(1_000, left - wait) });
  }
}

/** Milliseconds to wait in all. */
function patience({ limits, signal }: Driver, { hasRun, snapshot }: FollowedRun): number {
  const worthWaiting = hasRun || snapshot?.ending === 'succeeded';
  const seconds =
    worthWaiting && !signal.aborted ? limits.finishTimeout : Math.min(limits.finishTimeout, shortPatience);
  return seconds * 1_000;
}
