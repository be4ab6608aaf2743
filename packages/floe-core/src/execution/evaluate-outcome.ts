import { errorCategories, type ErrorCode } from '../errors/error-codes.js';
import type { Diagnosis, RunStatus } from './job-result.js';
import type { PlannedNodes } from './planned-nodes.js';
import { findGaps, type RecordGaps } from './record-gaps.js';
import type { RunRecord } from './run-record.js';
import type { StopReason } from './stop-reason.js';

/** Everything known about a run at its end. */
export interface Evidence {
  /** The orchestrator's word; undefined when it was never seen ended. */
  readonly ending: RunStatus | undefined;
  /** True when the orchestrator does not know the run any more. */
  readonly vanished: boolean;
  readonly record: RunRecord | undefined;
  /** Root cause outside of any node, from the orchestrator. */
  readonly cause: Diagnosis | undefined;
  /** What the orchestrator says about a run that did not go on; explains, but does not prove an end. */
  readonly diagnosis: Diagnosis | undefined;
  /** Why the driver ended it, if it did. */
  readonly stop: StopReason | undefined;
  /** What the way of ending it leaves open. */
  readonly stopDiagnosis: Diagnosis | undefined;
  readonly planned: PlannedNodes;
  /** Key that the record must carry; null when any will do. */
  readonly key: string | null;
  /** Bundle that must have run; null when any will do. */
  readonly expectedHash: string | null;
  readonly finishTimeout: number;
}

/** The true end of a run. */
export interface Verdict {
  readonly status: RunStatus;
  /** Absent for success only. */
  readonly failure?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly resolution: string;
    readonly missing: readonly string[];
  };
  readonly diagnosis?: Diagnosis;
  /** The record, if it belongs to this run and can be believed. */
  readonly record?: RunRecord;
}

/**
 * Compares the orchestrator's ending with the runtime's record and the plan. Success needs all three: the orchestrator
 * says so, the record says so, and every planned node is in it with success. No record is never green.
 */
export function evaluateOutcome(evidence: Evidence): Verdict {
  const record = ownRecord(evidence);
  // a runtime that wrote its record has ended its work before: nothing of a forced end is left open
  const leftOpen = record === undefined ? evidence.stopDiagnosis : undefined;
  const diagnosis = leftOpen ?? evidence.diagnosis ?? evidence.cause;
  const verdict = record === undefined ? withoutRecord(evidence) : withRecord(evidence, record);
  return {
    ...verdict,
    ...(diagnosis !== undefined && verdict.status !== 'succeeded' && { diagnosis }),
    ...(record !== undefined && { record }),
  };
}

/** A record of another run, or of a run that gave way to its twin, says nothing about this one. */
function ownRecord({ record, key }: Evidence): RunRecord | undefined {
  if (record === undefined || record.outcome === 'duplicate') return undefined;
  return key === null || record.key === key ? record : undefined;
}

function withoutRecord(evidence: Evidence): Verdict {
  const { ending, cause, stop, finishTimeout, vanished } = evidence;
  if (stop !== undefined) return stopped(stop, evidence.diagnosis ?? cause);
  if (vanished) {
    return failed('lost', 'RUN_LOST', 'The orchestrator does not know the run any more.', {
      resolution: 'Somebody deleted it, or the address leads to another installation. Check both, then run again.',
    });
  }
  if (ending === 'failed' && cause !== undefined) {
    return failed('failed', 'RUN_FAILED', `The run failed before it could report: ${cause.message}`, {
      resolution: cause.resolution,
    });
  }
  if (ending === 'cancelled') {
    return failed('cancelled', 'RUN_CANCELLED', 'The run was cancelled at the orchestrator.', {
      resolution: 'Start it again when the reason for the cancellation is gone.',
    });
  }
  if (ending === 'timed_out') {
    return failed('timed_out', 'RUN_TIMED_OUT', "The orchestrator's own time limit ended the run.", {
      resolution: "Find what takes so long in the run's log, or raise the timeout.",
    });
  }
  if (ending === 'succeeded') {
    const message = `The orchestrator says that the run succeeded, but its record did not arrive within ${finishTimeout} s.`;
    return failed('lost', 'FINISH_TIMEOUT', message, {
      resolution: "Look into the run's log at the orchestrator; without the record nobody knows what was done.",
    });
  }
  const known = cause ?? evidence.diagnosis;
  const why = known === undefined ? '' : ` ${known.message}`;
  return failed('lost', 'RUN_LOST', `The run ended without a record: its process was lost.${why}`, {
    resolution:
      known?.resolution ?? "Look for a killed process or a lack of memory where the run's worker was, then run again.",
  });
}

function withRecord(evidence: Evidence, record: RunRecord): Verdict {
  const { expectedHash, planned, stop } = evidence;
  const gaps = findGaps(record, planned);
  const status = combine(evidence.ending, record.outcome, gaps.cutOff);
  const byDriver = status === 'cancelled' || status === 'lost' || (status === 'failed' && gaps.cutOff);
  if (stop !== undefined && byDriver) return stopped(stop, evidence.diagnosis ?? evidence.cause);
  const other = expectedHash !== null && record.bundle_hash !== null && record.bundle_hash !== expectedHash;
  if (other && (status === 'succeeded' || status === 'failed')) return stale(record.bundle_hash, expectedHash);
  switch (status) {
    case 'succeeded':
      return conclude(record, gaps);
    case 'failed':
      return runFailed(evidence, record, gaps);
    case 'timed_out':
      return failed('timed_out', 'RUN_TIMED_OUT', 'The run reached its time limit and was ended.', {
        resolution: "Find what takes so long in the run's log, or raise the timeout.",
        missing: gaps.missing,
      });
    case 'cancelled':
      return failed('cancelled', 'RUN_CANCELLED', 'The run was cancelled.', {
        resolution: 'Start it again when the reason for the cancellation is gone.',
        missing: gaps.missing,
      });
    case 'lost':
      return failed('lost', 'RUN_LOST', 'The orchestrator lost the run after it had written its record.', {
        resolution: "Look into the run's log at the orchestrator, then run again.",
      });
  }
}

function stale(ran: string | null, planned: string | null): Verdict {
  const message = `Another bundle ran (${String(ran)}) than planned (${String(planned)}).`;
  return failed('failed', 'DEPLOYMENT_STALE', message, { resolution: 'Deploy the product, then run it again.' });
}

/** Both say success: now every planned node must be there, and nothing in the record may speak against it. */
function conclude(record: RunRecord, gaps: RecordGaps): Verdict {
  if (gaps.unsuccessful.length > 0 || gaps.failedHooks.length > 0 || record.error !== null) {
    return runFailed(undefined, record, gaps);
  }
  if (gaps.missing.length > 0 || gaps.uncounted > 0) {
    const count = Math.max(gaps.missing.length, gaps.uncounted);
    const message = `The run ended without ${nodes(count)} of its plan${listed(gaps.missing)}.`;
    return failed('failed', 'RUN_INCOMPLETE', message, {
      resolution: 'Deploy the product again so that plan and bundle agree, then run again.',
      missing: gaps.missing,
    });
  }
  return { status: 'succeeded' };
}

function runFailed(evidence: Evidence | undefined, record: RunRecord, gaps: RecordGaps): Verdict {
  const { error } = record;
  if (error !== null) {
    return failed('failed', errorCode(error.code), error.message, {
      resolution: error.resolution,
      missing: gaps.missing,
    });
  }
  const broken = gaps.unsuccessful.filter(({ status }) => status === 'failed' || status === 'unknown');
  const resolution = "Correct what the nodes' messages say, then run again or retry what did not succeed.";
  if (broken.length > 0) {
    const names = broken.map(({ id }) => id);
    return failed('failed', 'RUN_FAILED', `${nodes(broken.length)} failed${listed(names)}.`, {
      resolution,
      missing: gaps.missing,
    });
  }
  if (gaps.failedHooks.length > 0) {
    const message = `${gaps.failedHooks.length} ${gaps.failedHooks.length === 1 ? 'hook' : 'hooks'} failed${listed(gaps.failedHooks)}.`;
    return failed('failed', 'RUN_FAILED', message, { resolution, missing: gaps.missing });
  }
  const left = [...gaps.unsuccessful.map(({ id }) => id), ...gaps.missing];
  if (left.length > 0) {
    return failed('failed', 'RUN_INCOMPLETE', `The run did not do ${nodes(left.length)} of its plan${listed(left)}.`, {
      resolution: "Look into the run's log for what kept them, then run again.",
      missing: gaps.missing,
    });
  }
  const why = evidence?.cause;
  const message = `The run is marked as failed although all of its nodes are done${why === undefined ? '.' : `: ${why.message}`}`;
  return failed('failed', 'RUN_FAILED', message, {
    resolution: why?.resolution ?? "Look into the run's log at the orchestrator.",
  });
}

function stopped(stop: StopReason, cause: Diagnosis | undefined): Verdict {
  const known = cause === undefined ? '' : ` ${cause.message}`;
  switch (stop.kind) {
    case 'signal':
      return failed('cancelled', 'RUN_CANCELLED', 'The run was cancelled.', {
        resolution: 'Start it again when you want it.',
      });
    case 'elsewhere':
      return failed('cancelled', 'RUN_CANCELLED', 'The run was cancelled at the orchestrator.', {
        resolution: 'Start it again when the reason for the cancellation is gone.',
      });
    case 'busy':
      return failed('cancelled', 'RUN_BUSY', 'Another run of the product is under way and on_busy says not to wait.', {
        resolution: 'Run again when the other run has ended, or set on_busy to wait.',
      });
    case 'deadline':
      return failed('timed_out', stop.code, `${deadlineMessage(stop)}${known}`, {
        resolution: cause?.resolution ?? deadlineResolutions[stop.code],
      });
  }
}

type DeadlineStop = Extract<StopReason, { kind: 'deadline' }>;

function deadlineMessage({ code, phase, seconds }: DeadlineStop): string {
  if (code === 'QUEUE_TIMEOUT') return `The run was still in the queue after ${seconds} s and was taken back.`;
  if (code === 'START_TIMEOUT') return `The run did not start within ${seconds} s of leaving the queue and was ended.`;
  if (phase === 'queued') {
    return `Another run of the product held the slot for longer than the time limit of ${seconds} s.`;
  }
  return `The run was still going on after its time limit of ${seconds} s and was ended.`;
}

const deadlineResolutions: Readonly<Record<DeadlineStop['code'], string>> = {
  QUEUE_TIMEOUT: 'See whether the orchestrator takes runs from its queue, or raise execution.queue_timeout.',
  START_TIMEOUT: 'See why its worker does not come up, or raise execution.start_timeout.',
  RUN_TIMED_OUT: "Find what takes so long in the run's log, or raise the timeout.",
};

/** The orchestrator's word against the record's: the worse one counts, and the record knows best why. */
function combine(ending: RunStatus | undefined, outcome: RunRecord['outcome'], cutOff: boolean): RunStatus {
  if (outcome === 'timed_out' || (ending === 'timed_out' && outcome !== 'succeeded')) return 'timed_out';
  if (outcome === 'cancelled') return 'cancelled';
  if (outcome === 'failed') return ending === 'cancelled' && cutOff ? 'cancelled' : 'failed';
  return ending ?? 'lost';
}

function failed(
  status: RunStatus,
  code: ErrorCode,
  message: string,
  more: { readonly resolution: string; readonly missing?: readonly string[] },
): Verdict {
  return { status, failure: { code, message, resolution: more.resolution, missing: more.missing ?? [] } };
}

function errorCode(code: string): ErrorCode {
  return Object.hasOwn(errorCategories, code) ? (code as ErrorCode) : 'RUN_FAILED';
}

function nodes(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`;
}

/** The first few of many names. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > 5 ? `, … (${names.length - 5} more)` : '';
  return `: ${names.slice(0, 5).join(', ')}${more}`;
}
