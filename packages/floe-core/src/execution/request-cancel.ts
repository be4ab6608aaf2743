import type { BackendFault, CancelOutcome, RunBackend, RunReference } from './run-backend.js';
import { success, type Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';

const pauseMs = 500;
/** Part of the time after which a run that is still starting is marked as cancelled; its process then does nothing. */
const politePart = 0.5;

/** Asks until the orchestrator takes the request: it may refuse while a run is just starting. */
export async function requestCancel(
  backend: Pick<RunBackend, 'cancel'>,
  run: RunReference,
  clock: Clock,
  call: CallOptions,
): Promise<Outcome<CancelOutcome, BackendFault>> {
  const began = clock.now();
  for (;;) {
    const spent = clock.now() - began;
    const force = spent > call.timeoutMs * politePart;
    const left = { signal: call.signal, timeoutMs: Math.max(1, call.timeoutMs - spent) };
    const outcome = await backend.cancel(run, force, left);
    if (!outcome.ok || outcome.value !== 'not_now') return outcome;
    if (spent + pauseMs >= call.timeoutMs) return success('not_now');
    await clock.sleep(pauseMs, call.signal);
  }
}
