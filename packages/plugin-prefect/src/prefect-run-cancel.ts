import type { BackendFault, CancelOutcome, RunReference } from '@floe/core/execution/run-backend';
import { success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import type { PrefectRunBackend } from './prefect-run-backend.js';

const pauseMs = 500;
/** Part of the time after which a run that is still starting is marked as cancelled; its process then does nothing. */
const politePart = 0.5;

/** Asks until Prefect takes the request: it refuses while a run is just starting. */
export async function cancelRun(
  backend: PrefectRunBackend,
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
