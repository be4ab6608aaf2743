import type { RunStatus } from '@floe/core/execution/job-result';
import type { RunSnapshot } from '@floe/core/execution/run-backend';
import type { RunFields } from './dagster-answers.js';

/** Runs that hold or may soon take the slot of their product. */
export const unfinishedStatuses = ['QUEUED', 'NOT_STARTED', 'STARTING', 'STARTED', 'CANCELING'] as const;
/** Runs that hold a place among the concurrent runs of the instance. */
export const inProgressStatuses = ['STARTING', 'STARTED', 'CANCELING'] as const;

/** Where a run stands; a word that floe does not know counts as running, so that its time limit still ends it. */
export function phaseOf(status: string): RunSnapshot['phase'] {
  switch (status) {
    case 'QUEUED':
    case 'NOT_STARTED':
    case 'MANAGED':
    case 'SUSPENDED':
      return 'queued';
    case 'STARTING':
      return 'starting';
    case 'CANCELING':
      return 'cancelling';
    case 'SUCCESS':
    case 'FAILURE':
    case 'CANCELED':
      return 'ended';
    default:
      return 'running';
  }
}

/** How an ended run ended, by Dagster's word and what its log told. */
export function endingOf(status: string, seen: { readonly timedOut: boolean; readonly lost: boolean }): RunStatus {
  if (status === 'SUCCESS') return 'succeeded';
  if (seen.timedOut) return 'timed_out';
  if (status === 'CANCELED') return 'cancelled';
  return seen.lost ? 'lost' : 'failed';
}

/** Value of a tag of a run. */
export function tagOf(run: Pick<RunFields, 'tags'>, key: string): string | undefined {
  return run.tags.find((tag) => tag.key === key)?.value;
}

/** Seconds since the epoch as ISO 8601. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

/** Address of a run's page. */
export function runUrl(base: string, runId: string): string {
  return `${base}/runs/${runId}`;
}

/** Seconds after a failure within which Dagster's daemon should have started the restart that it announced. */
const restartPatience = 120;

/** What Dagster's own restarts mean for an ended run. */
export type Restart =
  { readonly kind: 'none' } | { readonly kind: 'announced' } | { readonly kind: 'started'; readonly runId: string };

/** @param now milliseconds since the epoch */
export function restartOf(run: Pick<RunFields, 'status' | 'tags' | 'endTime'>, now: number): Restart {
  if (run.status !== 'FAILURE') return { kind: 'none' };
  const started = tagOf(run, 'dagster/auto_retry_run_id');
  if (started !== undefined) return { kind: 'started', runId: started };
  const recent = run.endTime !== null && now - run.endTime * 1_000 < restartPatience * 1_000;
  return tagOf(run, 'dagster/will_retry') === 'true' && recent ? { kind: 'announced' } : { kind: 'none' };
}
