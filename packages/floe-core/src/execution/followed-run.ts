import { redactDiagnosis } from './diagnosis.js';
import type { Driver } from './driver.js';
import type { Diagnosis } from './job-result.js';
import { LogTail } from './log-tail.js';
import { NodeTracker } from './node-tracker.js';
import { PhaseTimes } from './phase-times.js';
import type { BackendFault, RunReference, RunSnapshot } from './run-backend.js';
import type { RunEvent } from './run-events.js';
import type { RunRecord } from './run-record.js';

/** Pages that one look reads at the most; the rest waits for the next look. */
const maxPages = 50;

/** What a look at a run gave. */
export type Look =
  | { readonly kind: 'seen'; readonly snapshot: RunSnapshot; readonly news: boolean; readonly more: boolean }
  | { readonly kind: 'fault'; readonly fault: BackendFault }
  | { readonly kind: 'aborted' };

export interface LookOptions {
  /** Ends the look early. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that a call may take; default and ceiling is the call timeout. */
  readonly timeoutMs?: number;
}

/** One run at the orchestrator as far as it has been read; each look reads on where the last one ended. */
export class FollowedRun {
  readonly run: RunReference;
  readonly tracker: NodeTracker;
  readonly logTail: LogTail;
  readonly phases: PhaseTimes;
  readonly #driver: Driver;
  #cursor: string | null = null;
  #logCursor: string | null = null;
  #logsComplete = false;
  #snapshot: RunSnapshot | undefined;
  #record: RunRecord | undefined;
  #cause: Diagnosis | undefined;
  #startedAt: string | undefined;
  #phase: Extract<RunEvent, { type: 'phase' }>['phase'] | undefined;
  #stopping = false;
  #doneSince: number | undefined;

  constructor(driver: Driver, run: RunReference, logTail: LogTail) {
    this.#driver = driver;
    this.run = run;
    this.logTail = logTail;
    this.tracker = new NodeTracker(driver.planned, driver.context.redactor);
    this.phases = new PhaseTimes(driver.limits, driver.time.now());
  }

  /** The newest snapshot. */
  get snapshot(): RunSnapshot | undefined {
    return this.#snapshot;
  }

  /** The record, kept once it was seen. */
  get record(): RunRecord | undefined {
    return this.#record;
  }

  /** The root cause, kept once it was seen. */
  get cause(): Diagnosis | undefined {
    return this.#cause;
  }

  get startedAt(): string | undefined {
    return this.#startedAt;
  }

  get ended(): boolean {
    return this.#snapshot?.phase === 'ended';
  }

  /** True once it was at work, even if no look happened in that time. */
  get hasRun(): boolean {
    return this.phases.hasRun || this.#startedAt !== undefined || this.#record !== undefined;
  }

  /** Milliseconds since nothing is left to do for the run; 0 before. */
  doneFor(): number {
    return this.#doneSince === undefined ? 0 : this.#driver.time.now() - this.#doneSince;
  }

  /** True when the log was read to where it stood at the last look. */
  get logsComplete(): boolean {
    return this.#logsComplete;
  }

  /** Reads what is new and tells it. */
  async look(options: LookOptions = {}): Promise<Look> {
    const { backend, calls, time } = this.#driver;
    const began = time.now();
    let news = false;
    for (let page = 1; ; page += 1) {
      const cursor = this.#cursor;
      const result = await calls.ask(this.#callLimits(options), (call) => backend.read(this.run, cursor, call));
      // pages that came are news, also when the next one does not come
      if (result.kind === 'fault' && page > 1 && this.#snapshot !== undefined) {
        return this.#seen(this.#snapshot, news, true);
      }
      if (result.kind !== 'value') return result;
      const snapshot = result.value;
      news = this.#take(snapshot) || news;
      // a cursor that stands still would be read for ever
      const more = snapshot.hasMore && snapshot.cursor !== cursor;
      if (more && page < maxPages && !this.#isLong(began)) continue;
      return this.#seen(snapshot, news, more);
    }
  }

  #seen(snapshot: RunSnapshot, news: boolean, more: boolean): Look {
    if (snapshot.phase === 'ended') this.#enter('finishing');
    return { kind: 'seen', snapshot, news, more };
  }

  /** Reads the log on; faults are left to the next look, since a log never decides a run. */
  async readLogs(options: LookOptions = {}): Promise<void> {
    const { backend, calls, events, time } = this.#driver;
    const began = time.now();
    this.#logsComplete = false;
    for (let page = 1; page <= maxPages && !this.#isLong(began); page += 1) {
      const cursor = this.#logCursor;
      const result = await calls.ask(this.#callLimits(options), (call) => backend.logs(this.run, cursor, call));
      if (result.kind !== 'value') {
        // a log that will never be readable is not waited for
        this.#logsComplete = result.kind === 'fault' && !result.fault.retryable;
        return;
      }
      for (const line of this.logTail.append(result.value.lines)) events.push({ type: 'log', line });
      this.#logCursor = result.value.cursor;
      if (!result.value.hasMore || result.value.cursor === cursor) {
        this.#logsComplete = true;
        return;
      }
    }
  }

  /** From now on it is being ended, whatever the orchestrator still says. */
  beginStop(): void {
    this.#stopping = true;
    this.#enter('cancelling');
  }

  #enter(phase: Extract<RunEvent, { type: 'phase' }>['phase']): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.#driver.events.push({ type: 'phase', phase });
  }

  #take(snapshot: RunSnapshot): boolean {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    this.#cursor = snapshot.cursor;
    this.#record ??= snapshot.record;
    if (snapshot.cause !== undefined) this.#cause = redactDiagnosis(snapshot.cause, this.#driver.context.redactor);
    this.#startedAt ??= snapshot.startedAt;
    if (snapshot.phase !== 'ended') {
      this.phases.note({ ...snapshot, phase: snapshot.phase }, this.#driver.time.now());
      if (!this.#stopping) this.#enter(snapshot.phase);
    }
    const events = this.tracker.apply(snapshot.nodes);
    this.#noteDone();
    for (const event of events) this.#driver.events.push(event);
    return events.length > 0 || before?.phase !== snapshot.phase;
  }

  /** Between two attempts every node has an end, too, and the run goes on all the same. */
  #noteDone(): void {
    const { request, pipeline } = this.#driver.input;
    const retries = request.retries ?? pipeline.execution.retries.max;
    const isDone = this.tracker.allFinished && (retries === 0 || !this.tracker.anyUnsuccessful);
    this.#doneSince = isDone ? (this.#doneSince ?? this.#driver.time.now()) : undefined;
  }

  /** Slow pages must not keep the driver from looking at its deadlines. */
  #isLong(began: number): boolean {
    return this.#driver.time.now() - began >= this.#driver.limits.callTimeout * 1_000;
  }

  #callLimits({ signal, timeoutMs = Infinity }: LookOptions): { timeoutMs: number; signal?: AbortSignal } {
    const limit = Math.max(1, Math.min(timeoutMs, this.#driver.limits.callTimeout * 1_000));
    return { timeoutMs: limit, ...(signal !== undefined && { signal }) };
  }
}
