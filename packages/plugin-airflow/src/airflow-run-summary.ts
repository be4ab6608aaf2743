import type { RunSummary } from '@floe/core/plugin-interfaces';
import type { Run } from './airflow-answers.js';
import { keyOfRunId } from './airflow-names.js';
import { runUrl } from './airflow-run-state.js';

/** A run as a list shows it; why a failed one failed is in its log only. */
export function summarizeRun(run: Run, base: string): RunSummary {
  return {
    key: keyOfRunId(run.dag_run_id),
    runId: run.dag_run_id,
    url: runUrl(base, run.dag_id, run.dag_run_id),
    status: statusOf(run.state),
    startedAt: run.start_date,
    finishedAt: run.end_date,
  };
}

function statusOf(state: string): RunSummary['status'] {
  switch (state) {
    case 'queued':
      return 'queued';
    case 'success':
      return 'succeeded';
    case 'failed':
      return 'failed';
    default:
      return 'running';
  }
}
