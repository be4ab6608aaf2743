import type { ValidationResult } from '@floe/core/connection/validation-result';
import { judgeVersion } from '@floe/core/connection/judge-version';
import { networkSteps } from '@floe/core/connection/network-steps';
import { probeConnection } from '@floe/core/connection/probe-connection';
import { failed, passed, warned, type ProbeStep, type StepResult } from '@floe/core/connection/probe-step';
import { describeServer, faultOfStatus } from '@floe/core/http/backend-fault';
import { isHtml, readJsonBody } from '@floe/core/http/json-body';
import type { Redactor } from '@floe/core/redaction/redactor';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { z } from 'zod';
import { instanceHealthAnswer, permissionsAnswer, type InstanceHealth } from './dagster-answers.js';
import type { DagsterConfig } from './dagster-config.js';
import { describeSilence, silentDaemons } from './dagster-diagnosis.js';
import { describeCause } from './dagster-errors.js';
import { readWorkspace } from './dagster-locations.js';
import type { DagsterConnection } from './dagster-session.js';
import { knownDagsterVersions } from './dagster-versions.js';
import { InstanceHealthDocument, PermissionsDocument } from './generated/graphql.js';

export interface ConnectionCheck {
  readonly connection: DagsterConnection;
  readonly config: DagsterConfig;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

/**
 * Checks a Dagster webserver in named steps within 10 seconds in total: resolve, connect, tls, http, product, version,
 * health, locations, permissions, queue. A dead daemon or a broken code location is a warning: the server is reachable.
 */
export function checkConnection(check: ConnectionCheck, call: CallOptions): Promise<ValidationResult> {
  const { connection, config, clock, redactor } = check;
  const { client, http, settings } = connection;
  const server = describeServer('Dagster', client.url);
  let health: InstanceHealth | undefined;
  const steps: ProbeStep[] = [
    ...networkSteps({ url: client.url, server, http, settings, clock }),
    { name: 'product', run: (step) => productStep(check, server, step) },
    {
      name: 'version',
      run: async (step) => {
        const answer = await client.execute(InstanceHealthDocument, {}, instanceHealthAnswer, step);
        if (!answer.ok) return failed(answer.failure);
        health = answer.value;
        return judgeVersion(answer.value.version, knownDagsterVersions);
      },
    },
    { name: 'health', run: () => Promise.resolve(healthStep(health, clock.now(), config.daemon_heartbeat_tolerance)) },
    { name: 'locations', run: (step) => locationsStep(check, step) },
    { name: 'permissions', run: (step) => permissionsStep(check, step) },
    { name: 'queue', run: () => Promise.resolve(queueStep(health)) },
  ];
  return probeConnection(steps, { endpoint: client.url, clock, redactor }, call);
}

const serverInfo = z.looseObject({ dagster_version: z.string() });

/** Any unknown path of a webserver answers with its page and 200: only the version key proves that this is Dagster. */
async function productStep(
  { connection, clock }: ConnectionCheck,
  server: string,
  call: CallOptions,
): Promise<StepResult> {
  const answer = await connection.client.get('/server_info', call);
  if (!answer.ok) return failed(answer.failure);
  const context = { server, now: clock.now() };
  const fault = faultOfStatus(answer.value, context);
  if (fault !== undefined) return failed(fault);
  const info = readJsonBody(answer.value, serverInfo, context);
  if (info.ok) return passed('is a Dagster webserver');
  if (isHtml(answer.value)) return failed(info.failure);
  return failed({
    code: 'CONNECTION_WRONG_ENDPOINT',
    message: `${server} is another product, not a Dagster webserver`,
    resolution: 'Set url in plugins.orchestrator.config to the address of the Dagster webserver with its path prefix.',
  });
}

function healthStep(health: InstanceHealth | undefined, now: number, tolerance: number): StepResult {
  if (health === undefined) return { outcome: 'skipped', message: 'the state of the daemons is not known' };
  const silent = silentDaemons(health, now, tolerance);
  const required = health.instance.daemonHealth.allDaemonStatuses.filter((daemon) => daemon.required);
  const [first] = silent;
  if (first !== undefined) {
    const all = silent.length === required.length;
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: all
        ? `Dagster's daemon does not run: ${describeSilence(first.age)}`
        : `these daemons of Dagster do not run: ${silent.map(({ type }) => type).join(', ')}`,
      resolution: 'Start it (`dagster-daemon run`): without it no run leaves the queue and no schedule ticks.',
    });
  }
  const failing = required.find((daemon) => daemon.lastHeartbeatErrors.length > 0);
  const error = failing?.lastHeartbeatErrors[0];
  if (failing !== undefined && error !== undefined) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: `the daemon ${failing.daemonType} reports errors: ${describeCause(error)}`,
      resolution: "Look into the daemon's log.",
    });
  }
  return passed(`${required.length} daemons are alive`);
}

async function locationsStep({ connection }: ConnectionCheck, call: CallOptions): Promise<StepResult> {
  const entries = await readWorkspace(connection.client, call);
  if (!entries.ok) return failed(entries.failure);
  const broken = entries.value.flatMap(({ name, locationOrLoadError }) =>
    locationOrLoadError?.__typename === 'PythonError' ? [`${name} (${describeCause(locationOrLoadError)})`] : [],
  );
  if (broken.length > 0) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: `code locations do not load: ${broken.join('; ')}`,
      resolution: 'Mend what the messages say; other code locations are not affected.',
    });
  }
  return passed(`${entries.value.length} code locations are loaded`);
}

/** What floe does at Dagster, by the names of its permissions. */
const neededPermissions = ['launch_pipeline_execution', 'terminate_pipeline_execution', 'reload_repository_location'];

async function permissionsStep({ connection }: ConnectionCheck, call: CallOptions): Promise<StepResult> {
  const answer = await connection.client.execute(PermissionsDocument, {}, permissionsAnswer, call);
  if (!answer.ok) return failed(answer.failure);
  const missing = answer.value.permissions.filter(
    ({ permission, value }) => !value && neededPermissions.includes(permission),
  );
  if (missing.length === 0) return passed('runs may be launched and ended');
  return failed({
    code: 'CONNECTION_READ_ONLY',
    message: `this address allows no changes (${missing.map(({ permission }) => permission).join(', ')})`,
    resolution: 'Use the address of a webserver that was not started with --read-only, or a role that may launch runs.',
  });
}

function queueStep(health: InstanceHealth | undefined): StepResult {
  if (health === undefined) return { outcome: 'skipped', message: 'the queue is not known' };
  const { runQueuingSupported, supportsConcurrencyLimits, runQueueConfig } = health.instance;
  if (!runQueuingSupported) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: 'Dagster has no run queue, so runs of one product wait inside of their processes',
      resolution: 'Use the QueuedRunCoordinator (the default) in dagster.yaml.',
    });
  }
  if (!supportsConcurrencyLimits) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: 'the storage of this Dagster knows no pools, so two runs of a product can overlap',
      resolution: 'Run `dagster instance migrate`.',
    });
  }
  if (runQueueConfig?.maxConcurrentRuns === 0) {
    return warned({
      code: 'PLATFORM_UNHEALTHY',
      message: 'the run queue lets no run through (max_concurrent_runs is 0)',
      resolution: 'Raise concurrency.runs.max_concurrent_runs in dagster.yaml.',
    });
  }
  return passed('runs are queued');
}
