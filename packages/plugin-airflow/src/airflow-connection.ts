import { judgeVersion } from '@floe/core/connection/judge-version';
import { networkSteps } from '@floe/core/connection/network-steps';
import { probeConnection } from '@floe/core/connection/probe-connection';
import { failed, passed, warned, type ProbeStep, type StepResult } from '@floe/core/connection/probe-step';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { describeServer } from '@floe/core/http/backend-fault';
import type { Redactor } from '@floe/core/redaction/redactor';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { dagsAnswer, healthAnswer, importErrorsAnswer, versionAnswer, type Health } from './airflow-answers.js';
import { anyAnswer, apiPath, type AirflowClient } from './airflow-client.js';
import { silence } from './airflow-diagnosis.js';
import { importCause } from './airflow-errors.js';
import type { AirflowConnection } from './airflow-session.js';
import { knownAirflowVersions, readVersion } from './airflow-versions.js';

export interface ConnectionCheck {
  readonly connection: AirflowConnection;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/**
 * Checks an Airflow API server in named steps within 10 seconds in total: resolve, connect, tls, http, version, health,
 * credentials, permissions, files. A dead part or a broken DAG file is a warning: the server is reachable.
 */
export function checkConnection(check: ConnectionCheck, call: CallOptions): Promise<ValidationResult> {
  const { connection, clock, redactor } = check;
  const { client, http, settings } = connection;
  const server = describeServer('Airflow', client.url);
  const steps: ProbeStep[] = [
    ...networkSteps({ url: client.url, server, http, settings, clock }),
    { name: 'version', run: (step) => versionStep(client, server, step) },
    { name: 'health', run: (step) => healthStep(client, clock, step) },
    { name: 'credentials', run: (step) => credentialsStep(client, step) },
    { name: 'permissions', run: (step) => permissionsStep(client, step) },
    { name: 'files', run: (step) => filesStep(client, step) },
  ];
  return probeConnection(steps, { endpoint: client.url, clock, redactor }, call);
}

async function versionStep(client: AirflowClient, server: string, call: CallOptions): Promise<StepResult> {
  const answer = await readVersion(client, call);
  if (answer.ok) return judgeVersion(answer.value, knownAirflowVersions);
  if (answer.failure.status !== 404) return failed(answer.failure);
  const old = await client.send({ method: 'GET', path: '/api/v1/version', anonymous: true }, versionAnswer, call);
  if (old.ok) return judgeVersion(old.value.version, knownAirflowVersions);
  return failed({
    code: 'CONNECTION_WRONG_ENDPOINT',
    message: `${server} has no REST API of Airflow 3 at this path`,
    resolution:
      'Set url in plugins.orchestrator.config to the address of the API server with its path prefix, without /api/v2.',
  });
}

async function healthStep(client: AirflowClient, clock: Clock, call: CallOptions): Promise<StepResult> {
  const answer = await client.send(
    { method: 'GET', path: apiPath('monitor', 'health'), anonymous: true },
    healthAnswer,
    call,
  );
  return answer.ok ? judgeHealth(answer.value, clock.now()) : failed(answer.failure);
}

function judgeHealth(health: Health, now: number): StepResult {
  if (health.metadatabase.status !== 'healthy') {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: "Airflow's own database does not answer",
      resolution: 'Look at the database and at the connection of Airflow to it.',
    });
  }
  const { scheduler, dag_processor: processor, triggerer } = health;
  const parts = [
    { name: 'scheduler', status: scheduler.status, beat: scheduler.latest_scheduler_heartbeat },
    { name: 'dag-processor', status: processor?.status, beat: processor?.latest_dag_processor_heartbeat },
    { name: 'triggerer', status: triggerer?.status, beat: triggerer?.latest_triggerer_heartbeat },
  ];
  const dead = parts.filter(({ status }) => status !== 'healthy');
  if (dead.length === 0) return passed('scheduler, dag-processor and triggerer are alive');
  const list = dead.map(({ name, beat }) => `${name} (${silence(beat ?? null, now)})`).join(', ');
  return warned({
    code: 'PLATFORM_UNHEALTHY',
    message: `these parts of Airflow do not run: ${list}`,
    resolution: `Start ${dead.map(({ name }) => `\`airflow ${name}\``).join(', ')}: without ${dead.length === 1 ? 'it' : 'them'} runs, deployments or sensors stand still.`,
  });
}

async function credentialsStep(client: AirflowClient, call: CallOptions): Promise<StepResult> {
  const answer = await client.send({ method: 'GET', path: apiPath('dags'), query: { limit: 1 } }, dagsAnswer, call);
  if (!answer.ok) return failed(answer.failure);
  const { total_entries: total } = answer.value;
  return passed(total === null ? 'DAGs may be read' : `${total} DAGs may be read`);
}

/** Airflow looks at permissions before it looks whether a DAG exists: asking for one that does not changes nothing. */
const unknownDag = 'floe_permission_probe';

async function permissionsStep(client: AirflowClient, call: CallOptions): Promise<StepResult> {
  const trigger = await client.send(
    {
      method: 'POST',
      path: apiPath('dags', unknownDag, 'dagRuns'),
      json: { logical_date: null, dag_run_id: unknownDag },
    },
    anyAnswer,
    call,
  );
  if (trigger.ok || trigger.failure.status !== 403) {
    const answered = trigger.ok || trigger.failure.status !== undefined;
    return answered ? passed('runs may be started') : failed(trigger.failure);
  }
  return failed({
    code: 'CONNECTION_READ_ONLY',
    message: 'the account may read DAGs, but not start runs',
    resolution: 'Give it a role that may edit DAGs and create runs (simple auth manager: op or admin).',
  });
}

async function filesStep(client: AirflowClient, call: CallOptions): Promise<StepResult> {
  const answer = await client.send(
    { method: 'GET', path: apiPath('importErrors'), query: { limit: 20 } },
    importErrorsAnswer,
    call,
  );
  if (!answer.ok) {
    if (answer.failure.status === 403) return { outcome: 'skipped', message: 'the account may not see import errors' };
    return failed(answer.failure);
  }
  const errors = answer.value.import_errors;
  if (errors.length === 0) return passed('all DAG files load');
  const list = errors.map(({ filename, stack_trace: trace }) => `${filename} (${importCause(trace).message})`);
  return warned({
    code: 'PLATFORM_UNHEALTHY',
    message: `DAG files do not load: ${list.slice(0, 3).join('; ')}${list.length > 3 ? `; … (${list.length - 3} more)` : ''}`,
    resolution: 'Mend what the messages say; other DAGs are not affected.',
  });
}
