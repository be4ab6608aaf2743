import type { Diagnosis, JobResult, LogLine } from './job-result.js';
import type { NodeStatus } from './node-status.js';
import type { RunReference } from './run-backend.js';

/** Progress of a run, in order; the last one is `finished`. */
export type RunEvent =
  | { readonly type: 'submitted'; readonly run: RunReference; readonly adopted: boolean }
  | { readonly type: 'phase'; readonly phase: 'queued' | 'starting' | 'running' | 'finishing' | 'cancelling' }
  | { readonly type: 'waiting'; readonly diagnosis: Diagnosis }
  | {
      readonly type: 'node';
      readonly id: string;
      readonly status: NodeStatus;
      readonly seconds: number | null;
      readonly rows: number | null;
      readonly message: string | null;
    }
  | { readonly type: 'restarted'; readonly run: RunReference }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'finished'; readonly result: JobResult };

/**
 * A run under way. Iterate for progress; `result` settles at the end whether or not anybody iterates.
 * `result` rejects with a PluginExecutionError only when the run could not be started or observed.
 */
export interface JobExecution extends AsyncIterable<RunEvent> {
  readonly key: string;
  readonly result: Promise<JobResult>;
}
