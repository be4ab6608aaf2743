import type { RunSummary } from '@floe/core/plugin-interfaces';
import { runUrl } from './prefect-addresses.js';
import type { FlowRun } from './prefect-answers.js';
import { endingOf, phaseOf, startOf } from './prefect-run-state.js';

/** A run as a list shows it. */
export function summarizeRun(run: FlowRun, apiUrl: string): RunSummary {
  const phase = phaseOf(run);
  const { 'floe.key': key } = run.labels;
  return {
    key: typeof key === 'string' ? key : null,
    runId: run.id,
    url: runUrl(apiUrl, run.id),
    status: phase === 'ended' ? endingOf(run) : phase,
    startedAt: startOf(run) ?? null,
    finishedAt: phase === 'ended' ? run.end_time : null,
  };
}
