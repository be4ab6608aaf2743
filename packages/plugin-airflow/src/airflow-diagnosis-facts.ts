import type { BackendFault, StuckPhase } from '@floe/core/execution/run-backend';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { dependenciesAnswer, healthAnswer, type LogItem } from './airflow-answers.js';
import { apiPath, type AirflowClient } from './airflow-client.js';
import type { DiagnosisFacts } from './airflow-diagnosis.js';
import { endOf } from './airflow-failure-cause.js';
import { checkDeployment, readDag } from './airflow-loading.js';
import { buildTaskId } from './airflow-names.js';
import { logBeginning } from './airflow-run-cursor.js';
import { readTaskLog } from './airflow-run-log.js';
import { isTaskEnded, unfinishedStates } from './airflow-run-state.js';
import { readEventLogs, readRun, readRuns, readTask, type RunName } from './airflow-runs.js';

/** Whom to ask, and about what. */
export interface FactSources {
  readonly client: AirflowClient;
  readonly clock: Clock;
  readonly dagId: string;
}

/** Asks Airflow everything that may explain why a run does not go on; the questions go out together. */
export async function gatherFacts(
  { client, clock, dagId }: FactSources,
  runId: string | undefined,
  phase: StuckPhase,
  call: CallOptions,
): Promise<DiagnosisFacts> {
  const name = { dagId, runId: runId ?? '' };
  const [health, dag, deployment, run, task, others, dependencies] = await Promise.all([
    client.send({ method: 'GET', path: apiPath('monitor', 'health'), anonymous: true }, healthAnswer, call),
    readDag(client, dagId, call),
    checkDeployment(client, dagId, null, call),
    runId === undefined ? undefined : readRun(client, name, call),
    runId === undefined ? undefined : readTask(client, name, buildTaskId, call),
    readRuns(client, dagId, { states: unfinishedStates, limit: 20 }, call),
    phase === 'starting' && runId !== undefined ? readDependencies(client, name, call) : undefined,
  ]);
  const faults: BackendFault[] = [];
  for (const answer of [health, dag, others]) if (!answer.ok) faults.push(answer.failure);
  const found = run?.ok === true ? run.value : undefined;
  const build = task?.ok === true ? task.value : undefined;
  let cause: DiagnosisFacts['cause'];
  if (found !== undefined && task?.ok === true && (found.state === 'failed' || found.state === 'success')) {
    const events = await readEventLogs(client, name, call);
    const tryNumber = build?.start_date == null ? 0 : build.try_number;
    const last = { taskId: buildTaskId, tryNumber, ended: isTaskEnded(build) };
    const page = await readTaskLog(client, name, last, logBeginning, call);
    const log: readonly LogItem[] = page.ok ? page.value.items : [];
    cause = endOf({ run: found, build, events: events.ok ? events.value : [], log }).cause;
  }
  return {
    phase,
    dagId,
    now: clock.now(),
    ...(faults.length === 3 && faults[0] !== undefined && { fault: faults[0] }),
    ...(health.ok && { health: health.value }),
    ...(dag.ok && dag.value !== undefined && { dag: dag.value }),
    ...(deployment !== undefined && { deployment }),
    ...(found !== undefined && { run: found }),
    ...(task?.ok === true && { build: build ?? null }),
    ...(others.ok && { otherRuns: others.value.filter(({ dag_run_id: id }) => id !== runId) }),
    ...(dependencies !== undefined && { dependencies }),
    ...(cause !== undefined && { cause }),
  };
}

async function readDependencies(
  client: AirflowClient,
  { dagId, runId }: RunName,
  call: CallOptions,
): Promise<DiagnosisFacts['dependencies']> {
  const path = apiPath('dags', dagId, 'dagRuns', runId, 'taskInstances', buildTaskId, 'dependencies');
  const answer = await client.send({ method: 'GET', path }, dependenciesAnswer, call);
  return answer.ok ? answer.value.dependencies : undefined;
}
