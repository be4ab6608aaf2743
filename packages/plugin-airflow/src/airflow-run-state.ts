import type { RunSnapshot } from '@floe/core/execution/run-backend';
import type { Run, TaskInstance } from './airflow-answers.js';

/** States of a run that hold or may soon take the slot of its product. */
export const unfinishedStates = ['queued', 'running'] as const;

const endedTaskStates: ReadonlySet<string> = new Set(['success', 'failed', 'skipped', 'upstream_failed', 'removed']);

/** True when a task will not change any more by itself; a state that floe does not know counts as unfinished. */
export function isTaskEnded(instance: Pick<TaskInstance, 'state'> | undefined): boolean {
  return instance?.state != null && endedTaskStates.has(instance.state);
}

/** Where a run stands, by its own state and that of `build`; unknown words count as running, so that limits hold. */
export function phaseOf(run: Pick<Run, 'state'>, build: Pick<TaskInstance, 'state'> | undefined): RunSnapshot['phase'] {
  switch (run.state) {
    case 'queued':
      return 'queued';
    case 'success':
    case 'failed':
      return 'ended';
    default:
      return isWaiting(build) ? 'starting' : 'running';
  }
}

/** True while the task has not come to a worker. */
function isWaiting(build: Pick<TaskInstance, 'state'> | undefined): boolean {
  const state = build?.state ?? null;
  return state === null || state === 'scheduled' || state === 'queued';
}

/** Address of a run's page. */
export function runUrl(base: string, dagId: string, runId: string): string {
  return `${base}/dags/${encodeURIComponent(dagId)}/runs/${encodeURIComponent(runId)}`;
}
