import type { ValidationResult } from '@floe/core/connection/validation-result';
import { judgeVersion } from '@floe/core/connection/judge-version';
import { networkSteps } from '@floe/core/connection/network-steps';
import { probeConnection } from '@floe/core/connection/probe-connection';
import { failed, passed, warned, type ProbeStep, type StepResult } from '@floe/core/connection/probe-step';
import { describeServer } from '@floe/core/http/backend-fault';
import type { Redactor } from '@floe/core/redaction/redactor';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { countAnswer, readyAnswer, versionAnswer, workersAnswer, type WorkPool } from './prefect-answers.js';
import type { PrefectConfig } from './prefect-config.js';
import { readWorkPool } from './prefect-deployed-state.js';
import { ageOf, describeSilence, isAlive } from './prefect-diagnosis.js';
import type { PrefectConnection } from './prefect-session.js';
import { knownPrefectVersions } from './prefect-versions.js';
import { wrongType } from './prefect-work-pool.js';

export interface ConnectionCheck {
  readonly connection: PrefectConnection;
  readonly config: PrefectConfig;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/**
 * Checks a Prefect server or workspace in named steps within 10 seconds in total: resolve, connect, tls, http, product,
 * credentials, version, pool, worker. A missing pool or a silent worker is a warning: the server is reachable, and a
 * deployment makes the pool.
 */
export function checkConnection(check: ConnectionCheck, call: CallOptions): Promise<ValidationResult> {
  const { connection, config, clock, redactor } = check;
  const { client, http, settings } = connection;
  const server = describeServer('Prefect', client.url);
  let pool: WorkPool | undefined;
  const steps: ProbeStep[] = [
    ...networkSteps({ url: client.url, server, http, settings, clock }),
    { name: 'product', run: (step) => productStep(check, server, step) },
    { name: 'credentials', run: (step) => credentialsStep(check, step) },
    { name: 'version', run: (step) => versionStep(check, step) },
    {
      name: 'pool',
      run: async (step) => {
        const found = await readWorkPool(client, config.work_pool, step);
        if (!found.ok) return failed(found.failure);
        pool = found.value;
        return poolStep(found.value, config);
      },
    },
    { name: 'worker', run: (step) => workerStep(check, pool, step) },
  ];
  return probeConnection(steps, { endpoint: client.url, clock, redactor }, call);
}

const cloudHost = 'api.prefect.cloud';
const cloudPath = /^\/api\/accounts\/[0-9a-f-]{36}\/workspaces\/[0-9a-f-]{36}$/iu;

/** A workspace of Prefect Cloud has no probe of its own: there the next step tells. */
async function productStep({ connection }: ConnectionCheck, server: string, call: CallOptions): Promise<StepResult> {
  const { client } = connection;
  const { hostname, pathname } = new URL(client.url);
  if (hostname === cloudHost) {
    if (cloudPath.test(pathname)) return passed('is the address of a workspace of Prefect Cloud');
    return failed({
      code: 'CONNECTION_WRONG_ENDPOINT',
      message: `${server} is Prefect Cloud, but not the address of a workspace`,
      resolution: `Set url in plugins.orchestrator.config to https://${cloudHost}/api/accounts/<account>/workspaces/<workspace>.`,
    });
  }
  const ready = await client.ask({ method: 'GET', path: '/ready', patient: false }, readyAnswer, call);
  if (ready.ok) return passed('is a Prefect server with its database');
  const { failure } = ready;
  if (failure.status === 503) {
    return failed({
      ...failure,
      message: `${server} runs, but without its database: ${failure.message}`,
      resolution: 'Check that the database of the server runs and can be reached from it, and look into its log.',
    });
  }
  if (failure.code === 'CONNECTION_WRONG_ENDPOINT' || failure.code === 'PLATFORM_ANSWER_INVALID') {
    const hint = pathname.endsWith('/api')
      ? 'Check url in plugins.orchestrator.config: it names another program, or a Prefect with another base path (server.apiBasePath of its Helm chart).'
      : 'Set url in plugins.orchestrator.config to the root of the API, which usually ends with /api.';
    return failed({ ...failure, resolution: failure.message.includes('login page') ? failure.resolution : hint });
  }
  return failed(failure);
}

/** A question that needs the credentials, the right version of the interface, the CSRF token and the database. */
async function credentialsStep({ connection, config }: ConnectionCheck, call: CallOptions): Promise<StepResult> {
  const { client } = connection;
  const request = { method: 'POST', path: '/flows/count', json: {}, patient: false } as const;
  const count = await client.ask(request, countAnswer, call);
  if (count.ok) return passed('the credentials are accepted');
  if (count.failure.status !== 401) return failed(count.failure);
  const isCloud = new URL(client.url).hostname === cloudHost;
  const secret = config.api_key !== undefined || isCloud ? 'api_key' : 'auth_string (user:password)';
  return failed({
    ...count.failure,
    resolution: `Check the secret of ${secret} in plugins.orchestrator.config, or of connection_secret_ref: it is missing, wrong or expired.`,
  });
}

async function versionStep({ connection }: ConnectionCheck, call: CallOptions): Promise<StepResult> {
  const { client } = connection;
  if (new URL(client.url).hostname === cloudHost) {
    return { outcome: 'skipped', message: 'Prefect Cloud has no version' };
  }
  const answer = await client.ask({ method: 'GET', path: '/admin/version', patient: false }, versionAnswer, call);
  if (!answer.ok) return failed(answer.failure);
  return judgeVersion(answer.value, knownPrefectVersions);
}

function poolStep(pool: WorkPool | undefined, config: PrefectConfig): StepResult {
  if (pool === undefined) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: `the work pool "${config.work_pool}" does not exist yet`,
      resolution: 'Deploy a product (`floe deploy`), which makes it, or name another work_pool.',
    });
  }
  if (pool.type !== config.work_pool_type) return failed(wrongType(pool, config));
  if (pool.is_paused) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: `the work pool "${pool.name}" is paused`,
      resolution: `Resume it (\`prefect work-pool resume "${pool.name}"\`): until then no run begins.`,
    });
  }
  return passed(`the work pool "${pool.name}" is there`);
}

/** Prefect calls a worker online for up to a minute and a half after its death; its heartbeat tells. */
async function workerStep(
  { connection, config, clock }: ConnectionCheck,
  pool: WorkPool | undefined,
  call: CallOptions,
): Promise<StepResult> {
  if (pool === undefined) return { outcome: 'skipped', message: 'there is no work pool yet' };
  const path = `/work_pools/${encodeURIComponent(pool.name)}/workers/filter`;
  const answer = await connection.client.ask({ method: 'POST', path, json: {} }, workersAnswer, call);
  if (!answer.ok) return failed(answer.failure);
  const alive = answer.value.filter((worker) => isAlive(worker, clock.now(), config.worker_heartbeat_tolerance));
  if (alive.length > 0) return passed(`${alive.length} ${alive.length === 1 ? 'worker is' : 'workers are'} alive`);
  const ages = answer.value.map((worker) => ageOf(worker.last_heartbeat_time, clock.now()) ?? Number.POSITIVE_INFINITY);
  const age = Math.min(...ages);
  const last = Number.isFinite(age) ? `the last one ${describeSilence(age)}` : 'it has never had one';
  return warned({
    code: 'PLATFORM_UNHEALTHY',
    message: `no worker of the work pool "${pool.name}" is alive: ${last}`,
    resolution: `Start one (\`prefect worker start --pool "${pool.name}"\`): without it no run begins.`,
  });
}
