import type { RunStatus } from '../execution/job-result.js';

/** `cicd.pipeline.result` of a run's end, by the OpenTelemetry conventions for pipelines. */
const results: Readonly<Record<RunStatus, string>> = {
  succeeded: 'success',
  failed: 'failure',
  timed_out: 'timeout',
  cancelled: 'cancellation',
  lost: 'error',
};

export function pipelineResultOf(status: RunStatus): string {
  return results[status];
}
