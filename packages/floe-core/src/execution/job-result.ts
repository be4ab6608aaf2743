import type { ErrorDocument } from '../errors/floe-error.js';
import type { NodeStatus } from './node-status.js';
import type { ObserverReport } from './run-record.js';

export type RunStatus = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'lost';

/** One node of a run as the user sees it. */
export interface NodeOutcome {
  /** dbt unique_id. */
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: NodeStatus;
  readonly seconds: number | null;
  readonly rows: number | null;
  readonly failures: number | null;
  readonly message: string | null;
  /** The attempt that gave this result, from 1. */
  readonly attempt: number;
}

export interface AttemptOutcome {
  readonly n: number;
  /** Seconds waited before it. */
  readonly delay: number;
  readonly nodeIds: readonly string[];
}

export interface LogLine {
  /** ISO 8601 with zone, or null when the orchestrator gives none. */
  readonly at: string | null;
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly text: string;
  readonly nodeId?: string;
}

/** Why something did not go on, found out from the orchestrator. */
export interface Diagnosis {
  /** A stable word, for example `daemon_down`, `queue_full`, `location_broken`. */
  readonly cause: string;
  readonly message: string;
  readonly resolution: string;
}

/** The end of a run (REQ-026). A run that ended has a JobResult, whatever the end. */
export interface JobResult {
  readonly status: RunStatus;
  readonly key: string;
  readonly runId: string;
  readonly url: string | null;
  readonly attempts: readonly AttemptOutcome[];
  readonly nodes: readonly NodeOutcome[];
  /** The end of the run's log, redacted. */
  readonly logs: readonly LogLine[];
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number;
  readonly diagnosis?: Diagnosis;
  /** What the run's observers of lineage and traces have sent, by name; absent when the runtime left no record. */
  readonly observers?: Readonly<Record<string, ObserverReport>>;
  /** A PluginExecutionError as plain data for every status but `succeeded`. */
  readonly error?: ErrorDocument;
}
