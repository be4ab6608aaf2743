import { z } from 'zod';
import { earliest, latest, phasesBetween, timeOf } from '../report/phases.js';
import type { DagRun, TaskInstance } from './airflow-server.js';

const record = z.looseObject({ started_at: z.string(), finished_at: z.string() });

/**
 * Seconds of the parts of a run by name, in order.
 * @param launched when the client asked for the run, and `seen` when it knew that it had ended; the same clock as Airflow
 * @param floeRecord the record of floe's runtime, if there is one: it tells when dbt ran
 */
export function runPhases(
  run: DagRun,
  tasks: readonly TaskInstance[],
  launched: number,
  seen: number,
  floeRecord?: unknown,
): Readonly<Record<string, number>> {
  const dbt = record.safeParse(floeRecord).data;
  return phasesBetween(launched, [
    ['until the run starts', timeOf(run.start_date)],
    ['until the first task starts', earliest(tasks.map((task) => task.start_date))],
    ['start of the task', timeOf(dbt?.started_at)],
    ['dbt', timeOf(dbt?.finished_at)],
    [dbt === undefined ? 'tasks, dbt included' : 'tail of the tasks', latest(tasks.map((task) => task.end_date))],
    ['tail of the run', timeOf(run.end_date)],
    ['until the client sees it', seen],
  ]);
}
