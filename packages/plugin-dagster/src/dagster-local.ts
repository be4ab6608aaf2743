import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { LocalPlatform, LocalPlatformOptions, LocalPlatformState } from '@floe/core/plugin-interfaces';
import { acquireLock } from '@floe/core/process/lock-file';
import { endGroup, isGroupAlive, spawnGroup, type ProcessGroup } from '@floe/core/process/process-group';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock, type Clock } from '@floe/core/time/clock';
import { createDagsterClient } from './dagster-client.js';
import { localInstanceSettings } from './dagster-instance-settings.js';
import { pythonDirectory } from './dagster-loader.js';
import { readiness } from './dagster-local-readiness.js';
import { readLocalState, removeLocalState, toLocalPlatformState, writeLocalState } from './dagster-local-state.js';
import { ensureWorkspaceFile, workspaceFileName } from './dagster-workspace-file.js';

const stopGraceMs = 15_000;
const pauseMs = 150;
const logTailBytes = 16_384;

/** A real Dagster on this machine: webserver, daemon and code servers in one process group. */
export function createLocalDagster(clock: Clock = systemClock): LocalPlatform {
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
    options.log('Waiting for another command that starts or stops the local Dagster');
  };
  const lock = await acquireLock(join(options.home, '.lock'), { clock, onWait }, call);
  if (!lock.ok) {
    throw new PluginExecutionError({
      code: lock.failure === 'cancelled' ? 'CANCELLED' : 'LOCAL_PLATFORM_FAILED',
      message: 'Another command is starting or stopping the local Dagster.',
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
  if (running !== undefined) options.log('Restarting the local Dagster with another Python environment');
  await stop(home);
  const directory = join(home, 'delivery');
  const dataDirectory = join(home, 'data');
  const instance = join(home, 'instance');
  for (const folder of [directory, dataDirectory, instance]) await mkdir(folder, { recursive: true });
  await writeFile(join(instance, 'dagster.yaml'), localInstanceSettings(instance));
  await ensureWorkspaceFile(directory);

  const logFile = join(home, 'dagster.log');
  await writeFile(logFile, '', { mode: 0o600 });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = clock.now();
  options.log(`Starting Dagster at ${url}`);
  const spawned = await spawnGroup(
    {
      command: join(options.binDirectory, 'python'),
      args: [join(pythonDirectory, 'local', 'local_platform.py'), String(port), join(directory, workspaceFileName)],
      cwd: directory,
      env: environment(options.binDirectory, instance, dataDirectory),
    },
    logFile,
  );
  if (!spawned.ok) throw notStarted(`Python could not be started: ${spawned.failure.message}`, logFile);
  const group = spawned.value;
  const state = {
    orchestrator: 'dagster',
    url,
    process_group: group.pid,
    start_mark: group.startMark ?? null,
    bin_directory: options.binDirectory,
    directory,
    data_directory: dataDirectory,
    config: { url, delivery: { kind: 'directory', path: directory }, daemon_workspace_delay: 0 },
    started_at: new Date(startedAt).toISOString(),
  };
  try {
    // Before it is ready, so that a `stop` finds it whatever happens here.
    await writeLocalState(home, state);
    await waitUntilReady(url, group, { startedAt, logFile }, call, clock);
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
  await removeLocalState(home);
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

async function waitUntilReady(
  url: string,
  group: ProcessGroup,
  { startedAt, logFile }: Start,
  call: CallOptions,
  clock: Clock,
): Promise<void> {
  const client = createDagsterClient(createHttpClient({}), url, clock);
  const end = startedAt + call.timeoutMs;
  let waitsFor = 'the webserver';
  for (;;) {
    if (call.signal.aborted) {
      throw new PluginExecutionError({
        code: 'CANCELLED',
        message: 'The start of the local Dagster was cancelled.',
        resolution: 'Start it again when you want it.',
      });
    }
    if (!(await isGroupAlive(group.pid, group.startMark))) {
      throw notStarted(`Dagster ended at its start: ${await lastWords(logFile)}`, logFile);
    }
    const left = end - clock.now();
    if (left <= 0) throw notStarted(`Dagster was not ready in time; ${waitsFor} was still missing.`, logFile);
    const state = await readiness(client, startedAt, { signal: call.signal, timeoutMs: Math.min(left, 5_000) });
    if (state.ready) return;
    waitsFor = state.waitsFor;
    await clock.sleep(Math.min(pauseMs, left), call.signal).catch(() => undefined);
  }
}

/** The environment of the caller, so that dbt finds its secrets, with what Dagster needs. */
function environment(
  binDirectory: string,
  instance: string,
  dataDirectory: string,
): Record<string, string | undefined> {
  const { PYTHONHOME: _home, PYTHONPATH: _path, VIRTUAL_ENV: _virtual, ...inherited } = process.env;
  return {
    ...inherited,
    PATH: [binDirectory, process.env.PATH].filter((part) => part !== undefined).join(delimiter),
    DAGSTER_HOME: instance,
    // dagster.yaml names a module in it.
    PYTHONPATH: join(pythonDirectory, 'local'),
    FLOE_DATA_DIR: dataDirectory,
    PYTHONUNBUFFERED: '1',
    // The environment is compiled already; bundles stay as they were delivered.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolvePort, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolvePort(address.port);
        else reject(new TypeError('A TCP server has a port.'));
      });
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
