import { runRecordSchema, type RunRecord } from '@floe/core/execution/run-record';
import { success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import {
  eventLogsAnswer,
  runAnswer,
  runsAnswer,
  taskInstanceAnswer,
  taskInstancesAnswer,
  xcomAnswer,
  type EventLog,
  type Run,
  type TaskInstance,
} from './airflow-answers.js';
import { apiPath, type AirflowClient, type Answer } from './airflow-client.js';
import { buildTaskId, recordKey } from './airflow-names.js';

/** Names one run of a DAG. */
export interface RunName {
  readonly dagId: string;
  readonly runId: string;
}

/** One run; undefined when Airflow does not know it. */
export async function readRun(
  client: AirflowClient,
  { dagId, runId }: RunName,
  call: CallOptions,
): Promise<Answer<Run | undefined>> {
  const answer = await client.send({ method: 'GET', path: apiPath('dags', dagId, 'dagRuns', runId) }, runAnswer, call);
  return answer.ok || answer.failure.status !== 404 ? answer : success(undefined);
}

export interface RunsFilter {
  readonly states?: readonly string[];
  readonly limit: number;
}

/** The newest runs of a DAG, newest first; none for a DAG that Airflow does not know. */
export async function readRuns(
  client: AirflowClient,
  dagId: string,
  { states = [], limit }: RunsFilter,
  call: CallOptions,
): Promise<Answer<readonly Run[]>> {
  const query = { order_by: '-run_after', limit, ...(states.length > 0 && { state: states }) };
  const answer = await client.send({ method: 'GET', path: apiPath('dags', dagId, 'dagRuns'), query }, runsAnswer, call);
  if (answer.ok) return success(answer.value.dag_runs);
  return answer.failure.status === 404 ? success([]) : answer;
}

/** Tasks of a run that are under way; Airflow gives no more than 100 at once. */
export async function readTasksUnderWay(
  client: AirflowClient,
  { dagId, runId }: RunName,
  call: CallOptions,
): Promise<Answer<readonly TaskInstance[]>> {
  const path = apiPath('dags', dagId, 'dagRuns', runId, 'taskInstances');
  const state = ['running', 'queued', 'scheduled', 'deferred', 'up_for_retry', 'restarting'];
  const answer = await client.send({ method: 'GET', path, query: { state, limit: 100 } }, taskInstancesAnswer, call);
  return answer.ok ? success(answer.value.task_instances) : answer;
}

/** One task of a run; undefined when the run has no such task. */
export async function readTask(
  client: AirflowClient,
  { dagId, runId }: RunName,
  taskId: string,
  call: CallOptions,
): Promise<Answer<TaskInstance | undefined>> {
  const path = apiPath('dags', dagId, 'dagRuns', runId, 'taskInstances', taskId);
  const answer = await client.send({ method: 'GET', path }, taskInstanceAnswer, call);
  return answer.ok || answer.failure.status !== 404 ? answer : success(undefined);
}

/** The runtime's record of a run; undefined when there is none, or none that can be read. */
export async function readRecord(
  client: AirflowClient,
  { dagId, runId }: RunName,
  call: CallOptions,
): Promise<Answer<RunRecord | undefined>> {
  const path = apiPath('dags', dagId, 'dagRuns', runId, 'taskInstances', buildTaskId, 'xcomEntries', recordKey);
  const query = { deserialize: false, stringify: false };
  const answer = await client.send({ method: 'GET', path, query }, xcomAnswer, call);
  if (!answer.ok) return answer.failure.status === 404 ? success(undefined) : answer;
  return success(runRecordSchema.safeParse(fromText(answer.value.value)).data);
}

/** What people and the scheduler did to a run, newest first; empty when the account may not see it. */
export async function readEventLogs(
  client: AirflowClient,
  { dagId, runId }: RunName,
  call: CallOptions,
): Promise<Answer<readonly EventLog[]>> {
  const query = { dag_id: dagId, run_id: runId, order_by: '-id', limit: 100 };
  const answer = await client.send({ method: 'GET', path: apiPath('eventLogs'), query }, eventLogsAnswer, call);
  if (answer.ok) return success(answer.value.event_logs);
  return answer.failure.status === 403 ? success([]) : answer;
}

function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}
