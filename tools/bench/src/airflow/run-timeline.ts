import { z } from 'zod';
import type { DagRun, TaskInstance } from './airflow-server.js';

const record = z.looseObject({ started_at: z.string(), finished_at: z.string() });

/** Seconds from the run's own start to its own end, or undefined when Airflow does not tell. */
export function runSeconds(run: DagRun): number | undefined {
  const [start, end] = [timeOf(run.start_date), timeOf(run.end_date)];
  return start === undefined || end === undefined ? undefined : (end - start) / 1_000;
}

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
  const starts = tasks.flatMap((task) => timeOf(task.start_date) ?? []);
  const ends = tasks.flatMap((task) => timeOf(task.end_date) ?? []);
  const dbt = record.safeParse(floeRecord).data;
  const moments: readonly (readonly [string, number | undefined])[] = [
    ['until the run starts', timeOf(run.start_date)],
    ['until the first task starts', starts.length === 0 ? undefined : Math.min(...starts)],
    ['start of the task', timeOf(dbt?.started_at)],
    ['dbt', timeOf(dbt?.finished_at)],
    [
      dbt === undefined ? 'tasks, dbt included' : 'tail of the tasks',
      ends.length === 0 ? undefined : Math.max(...ends),
    ],
    ['tail of the run', timeOf(run.end_date)],
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

function timeOf(text: string | null | undefined): number | undefined {
  const time = text == null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
