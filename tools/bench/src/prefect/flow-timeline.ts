import { earliest, latest, phasesBetween, timeOf } from '../report/phases.js';
import type { FlowRun, TaskRun } from './prefect-server.js';

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
  const first = earliest(taskRuns.map((task) => task.start_time));
  return phasesBetween(launched, [
    ['until the flow starts', timeOf(run.start_time)],
    ['flow, before the first node', first],
    ['dbt: nodes', latest(taskRuns.map((task) => task.end_time))],
    [first === undefined ? 'flow, dbt included' : 'tail of the flow', timeOf(run.end_time)],
    ['until the client sees it', seen],
  ]);
}
