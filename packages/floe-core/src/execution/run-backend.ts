import type { ErrorCode } from '../errors/error-codes.js';
import type { Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import type { Diagnosis, LogLine, RunStatus } from './job-result.js';
import type { RunRecord, NodeResult } from './run-record.js';
import type { RunRequest } from './run-request.js';

/** Names one run at the orchestrator. */
export interface RunReference {
  readonly runId: string;
  readonly url: string | null;
}

/** Why a call to the orchestrator gave no usable answer. */
export interface BackendFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly resolution: string;
  /** True if the same call may succeed later. */
  readonly retryable: boolean;
  /** Seconds that the server asks to wait. */
  readonly retryAfter?: number;
}

export interface SubmitInput {
  readonly request: RunRequest;
  /** The bundle that must be loaded; another one is refused. */
  readonly expectedHash: string | null;
  /** The run whose failed part is repeated. */
  readonly retryOf?: RunReference;
}

/**
 * `submitted`: the run exists. `rejected`: it certainly does not exist. `unknown`: it may exist (an answer was lost);
 * the driver then looks for the key before it submits again.
 */
export type SubmitOutcome =
  | { readonly kind: 'submitted'; readonly run: RunReference }
  | { readonly kind: 'rejected'; readonly fault: BackendFault }
  | { readonly kind: 'unknown'; readonly fault: BackendFault };

/** The state of a run as the orchestrator tells it. */
export interface RunSnapshot {
  readonly phase: 'queued' | 'starting' | 'running' | 'cancelling' | 'ended';
  /** True while it waits for another run of the same product: never counted as stuck. */
  readonly waitingForOwnSlot?: boolean;
  /** Set when phase is `ended`; the orchestrator's own word, not yet compared with the record. */
  readonly ending?: RunStatus;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Node results that are new since the cursor, in the order of their end; `running` ones too. */
  readonly nodes: readonly NodeResult[];
  /** Where the next read goes on. */
  readonly cursor: string | null;
  /** True if more is waiting to be read at once. */
  readonly hasMore: boolean;
  /** Given as soon as it was seen; once given the driver keeps it. */
  readonly record?: RunRecord;
  /** The run that the orchestrator started in place of this one. */
  readonly restartedAs?: RunReference;
  /** Set when the run ended as a duplicate: the run that lives under the same key. */
  readonly duplicateOf?: RunReference;
  /** Root cause of a failure outside of any node. */
  readonly cause?: Diagnosis;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly cursor: string | null;
  readonly hasMore: boolean;
}

/** `accepted` means asked for, not yet done; `not_now` may be asked again (the run is just starting). */
export type CancelOutcome = 'accepted' | 'already_ended' | 'not_now';

/** The phase in which a deadline passed. */
export type StuckPhase = 'submitting' | 'queued' | 'starting' | 'running' | 'finishing' | 'cancelling';

/**
 * Six small functions by which the run driver knows an orchestrator. None of them throws for what the orchestrator
 * does; none waits longer than its CallOptions say.
 */
export interface RunBackend {
  submit(input: SubmitInput, options: CallOptions): Promise<SubmitOutcome>;
  /** The oldest run with the key, or undefined. */
  find(key: string, options: CallOptions): Promise<Outcome<RunReference | undefined, BackendFault>>;
  read(run: RunReference, cursor: string | null, options: CallOptions): Promise<Outcome<RunSnapshot, BackendFault>>;
  logs(run: RunReference, cursor: string | null, options: CallOptions): Promise<Outcome<LogPage, BackendFault>>;
  cancel(run: RunReference, force: boolean, options: CallOptions): Promise<Outcome<CancelOutcome, BackendFault>>;
  /** Finds out why a run does not go on; run is undefined when it could not be submitted. */
  diagnose(run: RunReference | undefined, phase: StuckPhase, options: CallOptions): Promise<Diagnosis>;
}
