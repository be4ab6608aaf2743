import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import { createLocalPlatform, type LocalOrchestrator } from '@floe/core/local-platform/local-platform';
import type { LocalPlatform } from '@floe/core/plugin-interfaces';
import { freePorts } from '@floe/core/process/free-ports';
import { endGroup } from '@floe/core/process/process-group';
import { findProcess, listProcesses } from '@floe/core/process/process-table';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { systemClock, type Clock } from '@floe/core/time/clock';
import { createAirflowClient, type AirflowClient } from './airflow-client.js';
import { ensureDagsFolder } from './airflow-dags-folder.js';
import { pythonDirectory } from './airflow-loader.js';
import { readiness } from './airflow-local-readiness.js';
import {
  credentialsFile,
  ensureLocalSecrets,
  localEnvironment,
  localUser,
  type LocalSecrets,
} from './airflow-local-settings.js';
import { createAirflowTokens } from './airflow-tokens.js';

const taskGraceMs = 3_000;

/** A real Airflow on this machine: API server, scheduler, DAG processor and triggerer in one process group. */
export function createLocalAirflow(clock: Clock = systemClock): LocalPlatform {
  return createLocalPlatform(localAirflow(clock), clock);
}

function localAirflow(clock: Clock): LocalOrchestrator {
  return {
    name: 'airflow',
    title: 'Airflow',
    stopGraceMs: 20_000,
    firstPart: 'the API server',
    async prepare(places, { binDirectory }) {
      const { home, directory, instance } = places;
      await ensureDagsFolder(directory);
      const secrets = await ensureLocalSecrets(instance);
      const [api = 0, workerLogs = 0, triggerLogs = 0] = await freePorts(3);
      const url = `http://127.0.0.1:${api}`;
      const client = localClient(url, secrets, clock);
      return {
        url,
        command: {
          command: join(binDirectory, 'python'),
          args: [join(pythonDirectory, 'local', 'local_platform.py')],
          cwd: instance,
          env: localEnvironment({ ...places, binDirectory }, { api, workerLogs, triggerLogs }, secrets, process.env),
        },
        config: {
          url,
          credentials: `file:${credentialsFile(instance)}`,
          status_url: pathToFileURL(join(home, 'status')).href,
        },
        readiness: (startedAt, call) => readiness(client, startedAt, call),
      };
    },
    afterStop: endTasks,
  };
}

/** Processes of tasks have groups of their own, in the session of the platform; one that was killed left them behind. */
async function endTasks(session: number): Promise<void> {
  const processes = (await listProcesses()) ?? [];
  const isReused = findProcess(session) !== undefined;
  if (isReused) return;
  const groups = new Set(processes.filter((entry) => entry.session === session).map(({ group }) => group));
  for (const group of groups) await endGroup(group, taskGraceMs);
}

function localClient(url: string, { password }: LocalSecrets, clock: Clock): AirflowClient {
  const http = createHttpClient({});
  const credentials = { kind: 'basic', username: localUser, password } as const;
  const tokens = createAirflowTokens({ http, url, credentials, clock, redactor: createRedactor() });
  return createAirflowClient(http, url, tokens, clock);
}
