import type { FlowRun, TaskRun } from './prefect-server.js';

/** Seconds from the flow's own start to its own end, or undefined when Prefect does not tell. */
export function flowSeconds(run: FlowRun): number | undefined {
  const [start, end] = [timeOf(run.start_time), timeOf(run.end_time)];
  return start === undefined || end === undefined ? undefined : (end - start) / 1_000;
}

/**
 * Seconds of the parts of a run by name, in order.
 * @param launched when the client asked for the run, and `seen` when it knew that it had ended; the same clock as Prefect
 * @param taskRuns mirrored nodes with the times of dbt; none leaves the flow in one piece
 */
export function flowPhases(
  run: FlowRun,
  taskRuns: readonly TaskRun[],
  launched: number,
  seen: number,
): Readonly<Record<string, number>> {
  const starts = taskRuns.flatMap((task) => timeOf(task.start_time) ?? []);
  const ends = taskRuns.flatMap((task) => timeOf(task.end_time) ?? []);
  const hasNodes = starts.length > 0 && ends.length > 0;
  const moments: readonly (readonly [string, number | undefined])[] = [
    ['until the flow starts', timeOf(run.start_time)],
    ['flow, before the first node', hasNodes ? Math.min(...starts) : undefined],
    ['dbt: nodes', hasNodes ? Math.max(...ends) : undefined],
    [hasNodes ? 'tail of the flow' : 'flow, dbt included', timeOf(run.end_time)],
    ['until the client sees it', seen],
  ];
  const phases: Record<string, number> = {};
  let before = launched;
  for (const [label, at] of moments) {
    if (at === undefined) continue;
    phases[label] = (at - before) / 1_000;
    before = at;
  }
  return phases;
}

function timeOf(text: string | null): number | undefined {
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
