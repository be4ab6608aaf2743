/** What every asynchronous call takes: nothing waits without a deadline (design: no wait without an end). */
export interface CallOptions {
  /** Aborts the call; the call then fails with code CANCELLED. */
  readonly signal: AbortSignal;
  /** Milliseconds that the whole call may take, retries and bodies included. */
  readonly timeoutMs: number;
}
