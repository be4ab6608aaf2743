import type { RunSummary } from '@floe/core/plugin-interfaces';
import type { RunFields } from './dagster-answers.js';
import { endingOf, isoTime, phaseOf, runUrl, tagOf } from './dagster-run-state.js';
import { floeTags } from './dagster-run-tags.js';

/** A run as a list shows it; why a failed one failed is in its log only. */
export function summarizeRun(run: RunFields, base: string): RunSummary {
  const phase = phaseOf(run.status);
  return {
    key: tagOf(run, floeTags.key) ?? null,
    runId: run.runId,
    url: runUrl(base, run.runId),
    status: phase === 'ended' ? endingOf(run.status, { timedOut: false, lost: false }) : phase,
    startedAt: run.startTime === null ? null : isoTime(run.startTime),
    finishedAt: run.endTime === null ? null : isoTime(run.endTime),
  };
}
