import type { CallOptions } from './call-options.js';

/** Aborts when the caller aborts or the call's time is over, whichever comes first. */
export function deadlineSignal(call: CallOptions): AbortSignal {
  return AbortSignal.any([call.signal, AbortSignal.timeout(Math.max(0, Math.min(call.timeoutMs, 2 ** 31 - 1)))]);
}
