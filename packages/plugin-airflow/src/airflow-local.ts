import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { LocalPlatform, LocalPlatformOptions, LocalPlatformState } from '@floe/core/plugin-interfaces';
import { acquireLock } from '@floe/core/process/lock-file';
import { endGroup, isGroupAlive, spawnGroup, type ProcessGroup } from '@floe/core/process/process-group';
import { findProcess, listProcesses } from '@floe/core/process/process-table';
import type { CallOptions } from '@floe/core/time/call-options';
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
import {
  readLocalState,
  removeLocalState,
  toLocalPlatformState,
  writeLocalState,
  type LocalStateFile,
} from './airflow-local-state.js';
import { createAirflowTokens } from './airflow-tokens.js';

const stopGraceMs = 20_000;
const taskGraceMs = 3_000;
const pauseMs = 150;
const logTailBytes = 16_384;

/** A real Airflow on this machine: API server, scheduler, DAG processor and triggerer in one process group. */
export function createLocalAirflow(clock: Clock = systemClock): LocalPlatform {
  return {
    start: (options, call) => locked(options, call, clock, () => start(options, call, clock)),
    stop: (options, call) => locked(options, call, clock, () => stop(options.home)),
    status: async (options) => {
      const state = await runningState(options.home);
      return state === undefined ? undefined : toLocalPlatformState(state);
    },
  };
}

/** Two commands at once must not start two platforms. */
async function locked<Value>(
  options: LocalPlatformOptions,
  call: CallOptions,
  clock: Clock,
  work: () => Promise<Value>,
): Promise<Value> {
  await mkdir(options.home, { recursive: true });
  const onWait = (): void => {
    options.log('Waiting for another command that starts or stops the local Airflow');
  };
  const lock = await acquireLock(join(options.home, '.lock'), { clock, onWait }, call);
  if (!lock.ok) {
    throw new PluginExecutionError({
      code: lock.failure === 'cancelled' ? 'CANCELLED' : 'LOCAL_PLATFORM_FAILED',
      message: 'Another command is starting or stopping the local Airflow.',
      resolution: 'Wait until it has ended, then try again.',
    });
  }
  try {
    return await work();
  } finally {
    await lock.value.release();
  }
}

async function start(options: LocalPlatformOptions, call: CallOptions, clock: Clock): Promise<LocalPlatformState> {
  const home = resolve(options.home);
  const running = await runningState(home);
  if (running?.bin_directory === options.binDirectory) return toLocalPlatformState(running);
  if (running !== undefined) options.log('Restarting the local Airflow with another Python environment');
  await stop(home);
  const directory = join(home, 'delivery');
  const dataDirectory = join(home, 'data');
  const instance = join(home, 'instance');
  for (const folder of [directory, dataDirectory, instance]) await mkdir(folder, { recursive: true });
  await ensureDagsFolder(directory);
  const secrets = await ensureLocalSecrets(instance);

  const logFile = join(home, 'airflow.log');
  await writeFile(logFile, '', { mode: 0o600 });
  const ports = await freePorts();
  const url = `http://127.0.0.1:${ports.api}`;
  const startedAt = clock.now();
  options.log(`Starting Airflow at ${url}`);
  const spawned = await spawnGroup(
    {
      command: join(options.binDirectory, 'python'),
      args: [join(pythonDirectory, 'local_platform.py')],
      cwd: instance,
      env: localEnvironment(
        { binDirectory: options.binDirectory, instance, directory, dataDirectory },
        ports,
        secrets,
        process.env,
      ),
    },
    logFile,
  );
  if (!spawned.ok) throw notStarted(`Python could not be started: ${spawned.failure.message}`, logFile);
  const group = spawned.value;
  const state = {
    orchestrator: 'airflow',
    url,
    process_group: group.pid,
    start_mark: group.startMark ?? null,
    bin_directory: options.binDirectory,
    directory,
    data_directory: dataDirectory,
    config: {
      url,
      credentials: `file:${credentialsFile(instance)}`,
      delivery: { kind: 'directory', path: directory },
      status_url: pathToFileURL(join(home, 'status')).href,
    },
    started_at: new Date(startedAt).toISOString(),
  };
  try {
    // Before it is ready, so that a `stop` finds it whatever happens here.
    await writeLocalState(home, state);
    await waitUntilReady(localClient(url, secrets, clock), group, { startedAt, logFile }, call, clock);
  } catch (error) {
    await endGroup(group.pid, 0, group.startMark);
    await removeLocalState(home);
    throw error;
  }
  return toLocalPlatformState(state);
}

async function stop(home: string): Promise<void> {
  const state = await readLocalState(home);
  if (state === undefined) return;
  await endGroup(state.process_group, stopGraceMs, state.start_mark ?? undefined);
  await endTasks(state);
  await removeLocalState(home);
}

/** Processes of tasks have groups of their own, in the session of the platform; one that was killed left them behind. */
async function endTasks(state: LocalStateFile): Promise<void> {
  const processes = (await listProcesses()) ?? [];
  const session = state.process_group;
  const isReused = findProcess(session) !== undefined;
  if (isReused) return;
  const groups = new Set(processes.filter((entry) => entry.session === session).map(({ group }) => group));
  for (const group of groups) await endGroup(group, taskGraceMs);
}

async function runningState(home: string): ReturnType<typeof readLocalState> {
  const state = await readLocalState(home);
  if (state === undefined) return undefined;
  return (await isGroupAlive(state.process_group, state.start_mark ?? undefined)) ? state : undefined;
}

interface Start {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly logFile: string;
}

function localClient(url: string, { password }: LocalSecrets, clock: Clock): AirflowClient {
  const http = createHttpClient({});
  const credentials = { kind: 'basic', username: localUser, password } as const;
  const tokens = createAirflowTokens({ http, url, credentials, clock, redactor: createRedactor() });
  return createAirflowClient(http, url, tokens, clock);
}

async function waitUntilReady(
  client: AirflowClient,
  group: ProcessGroup,
  { startedAt, logFile }: Start,
  call: CallOptions,
  clock: Clock,
): Promise<void> {
  const end = startedAt + call.timeoutMs;
  let waitsFor = 'the API server';
  for (;;) {
    if (call.signal.aborted) {
      throw new PluginExecutionError({
        code: 'CANCELLED',
        message: 'The start of the local Airflow was cancelled.',
        resolution: 'Start it again when you want it.',
      });
    }
    if (!(await isGroupAlive(group.pid, group.startMark))) {
      throw notStarted(`Airflow ended at its start: ${await lastWords(logFile)}`, logFile);
    }
    const left = end - clock.now();
    if (left <= 0) throw notStarted(`Airflow was not ready in time; ${waitsFor} was still missing.`, logFile);
    const state = await readiness(client, startedAt, { signal: call.signal, timeoutMs: Math.min(left, 5_000) });
    if (state.ready) return;
    waitsFor = state.waitsFor;
    await clock.sleep(Math.min(pauseMs, left), call.signal).catch(() => undefined);
  }
}

/** Ports that were free a moment ago, all different. */
async function freePorts(): Promise<{ api: number; workerLogs: number; triggerLogs: number }> {
  const servers = [createServer(), createServer(), createServer()] as const;
  try {
    const [api, workerLogs, triggerLogs] = await Promise.all([
      listen(servers[0]),
      listen(servers[1]),
      listen(servers[2]),
    ]);
    return { api, workerLogs, triggerLogs };
  } finally {
    for (const server of servers) server.close();
  }
}

async function listen(server: Server): Promise<number> {
  return await new Promise((resolvePort, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolvePort(address.port);
      else reject(new TypeError('A TCP server has a port.'));
    });
  });
}

/** The last line that says something: of a Python traceback, its message. */
async function lastWords(logFile: string): Promise<string> {
  const lines = (await tail(logFile)).split('\n').filter((line) => line.trim() !== '' && !line.startsWith(' '));
  return lines.at(-1)?.trim() ?? 'it wrote nothing';
}

async function tail(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    if (size <= logTailBytes) return await readFile(file, 'utf8');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(logTailBytes), 0, logTailBytes, size - logTailBytes);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function notStarted(message: string, logFile: string): PluginExecutionError {
  return new PluginExecutionError({
    code: 'LOCAL_PLATFORM_FAILED',
    message,
    resolution: `Look into ${logFile}, then start it again.`,
    context: { log: logFile },
  });
}
