import { countRunResults } from '../contenders/run-results.js';
import type { TaskInstance } from './airflow-server.js';
import type { DagFileWay } from './dag-file.js';

/** One command of a shell. */
export const bashOperator: DagFileWay = {
  name: 'BashOperator',
  dagId: 'bench_bash',
  file: 'bash_operator_dag.py',
  count: (_tasks, resultsFile) => countRunResults(resultsFile),
};

/** Cosmos with one dbt build whose nodes are watched by a task each. */
export const cosmosWatcher: DagFileWay = {
  name: 'Cosmos, watcher',
  dagId: 'bench_cosmos_watcher',
  file: 'cosmos_dag.py',
  settings: { mode: 'watcher' },
  atMostModels: 50,
  atMostRounds: 2,
  count: (tasks) => Promise.resolve(countCosmosTasks(tasks)),
};

/** Cosmos with a dbt command in each task. */
export const cosmosLocal: DagFileWay = {
  name: 'Cosmos, local',
  dagId: 'bench_cosmos_local',
  file: 'cosmos_dag.py',
  settings: { mode: 'local' },
  atMostModels: 50,
  atMostRounds: 1,
  count: (tasks) => Promise.resolve(countCosmosTasks(tasks)),
};

/** Cosmos has a task for each model and one for its tests. */
export function countCosmosTasks(tasks: readonly Pick<TaskInstance, 'task_id'>[]): {
  readonly models: number;
  readonly tests: number;
} {
  const count = (end: string): number => tasks.filter(({ task_id: task }) => task.endsWith(end)).length;
  return { models: count('.run'), tests: count('.test') };
}
