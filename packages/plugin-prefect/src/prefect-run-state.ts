import type { RunStatus } from '@floe/core/execution/job-result';
import type { NodeStatus } from '@floe/core/execution/node-status';
import type { RunSnapshot } from '@floe/core/execution/run-backend';
import type { FlowRun } from './prefect-answers.js';

/** States of runs that are at work, or about to be. */
export const activeStates = ['PENDING', 'RUNNING', 'CANCELLING', 'PAUSED'] as const;

type StateFields = Pick<FlowRun, 'state_type' | 'state_name'>;

/** Where a run stands; a type that floe does not know counts as running, so that its time limit still ends it. */
export function phaseOf({ state_type: type }: StateFields): RunSnapshot['phase'] {
  switch (type) {
    case 'SCHEDULED':
    case null:
      return 'queued';
    case 'PENDING':
      return 'starting';
    case 'CANCELLING':
      return 'cancelling';
    case 'COMPLETED':
    case 'FAILED':
    case 'CANCELLED':
    case 'CRASHED':
      return 'ended';
    default:
      return 'running';
  }
}

/** How an ended run ended, by Prefect's word. A crashed run has lost its process, or never had one. */
export function endingOf({ state_type: type, state_name: name }: StateFields): RunStatus {
  switch (type) {
    case 'COMPLETED':
      return 'succeeded';
    case 'CANCELLED':
      return 'cancelled';
    case 'FAILED':
      return name === 'TimedOut' ? 'timed_out' : 'failed';
    default:
      return 'lost';
  }
}

/** True while the limit of the deployment holds the run back. */
export function awaitsSlot({ state_name: name }: StateFields): boolean {
  return name === 'AwaitingConcurrencySlot';
}

/** True for a run that Prefect did not let begin because another run of the deployment has its only slot. */
export function wasTurnedAway(run: Pick<FlowRun, 'state_type' | 'state' | 'run_count'>): boolean {
  return run.state_type === 'CANCELLED' && run.run_count === 0 && /concurrency limit/iu.test(run.state?.message ?? '');
}

/** When a run began to work; Prefect also gives a start to runs that never had a process. */
export function startOf(run: Pick<FlowRun, 'run_count' | 'start_time'>): string | undefined {
  return run.run_count > 0 ? (run.start_time ?? undefined) : undefined;
}

const nodeStatuses: Readonly<Record<string, NodeStatus>> = {
  Running: 'running',
  Completed: 'succeeded',
  Warned: 'warned',
  Failed: 'failed',
  Skipped: 'skipped',
  Cancelled: 'cancelled',
  Unknown: 'unknown',
};

/** Status of a node by the name of its task run's state, as the loader writes it (python/floe_prefect). */
export function nodeStatusOf(stateName: string | null): NodeStatus | undefined {
  return stateName === null ? undefined : nodeStatuses[stateName];
}
