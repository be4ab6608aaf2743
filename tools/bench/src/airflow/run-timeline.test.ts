import { describe, expect, it } from '@jest/globals';
import { runPhases } from './run-timeline.js';

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const ms = (second: number): number => Date.parse(at(second));
const run = { dag_run_id: 'r', state: 'success', start_date: at(1), end_date: at(12) };
const tasks = [
  { task_id: 'build', state: 'success', start_date: at(2), end_date: at(10) },
  { task_id: 'verdict', state: 'skipped', start_date: null, end_date: at(11) },
];

describe('the timeline of a DAG run', () => {
  it('splits the tasks by the record of floe', () => {
    const record = { started_at: at(4), finished_at: at(9) };
    expect(runPhases(run, tasks, ms(0), ms(13), record)).toEqual({
      'until the run starts': 1,
      'until the first task starts': 1,
      'start of the task': 2,
      dbt: 5,
      'tail of the tasks': 2,
      'tail of the run': 1,
      'until the client sees it': 1,
    });
  });

  it('leaves the tasks of others in one piece', () => {
    expect(runPhases(run, tasks, ms(0), ms(13))).toEqual({
      'until the run starts': 1,
      'until the first task starts': 1,
      'tasks, dbt included': 9,
      'tail of the run': 1,
      'until the client sees it': 1,
    });
  });
});
