import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PluginExecutionError } from '../errors/floe-error.js';
import type { LocalPlatform, LocalPlatformOptions, LocalPlatformState } from '../plugin-interfaces.js';
import type { Command } from '../process/command.js';
import { acquireLock } from '../process/lock-file.js';
import { endGroup, isGroupAlive, spawnGroup, type ProcessGroup } from '../process/process-group.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import { lastWords } from './last-words.js';
import { readLocalState, removeLocalState, toLocalPlatformState, writeLocalState } from './local-state.js';

/** Folders of a local platform. */
export interface LocalPlaces {
  readonly home: string;
  /** Where bundles are delivered. */
  readonly directory: string;
  /** Persistent data of the products. */
  readonly dataDirectory: string;
  /** The orchestrator's own files. */
  readonly instance: string;
}

/** Whether an orchestrator that was just started can be used. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly waitsFor: string };

/** An orchestrator that is ready to be started. */
export interface LocalStart {
  /** Where people find it. */
  readonly url: string;
  /** What is said beside the address when it starts. */
  readonly hint?: string;
  readonly command: Command;
  /** plugins.orchestrator.config that reaches it; the delivery folder is added. */
  readonly config: Readonly<Record<string, unknown>>;
  /** @param startedAt milliseconds since the epoch; a sign of life from before belongs to an earlier one */
  readiness(startedAt: number, call: CallOptions): Promise<Readiness>;
}

/** What is particular to an orchestrator. */
export interface LocalOrchestrator {
  /** Its word in manifest.yaml. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** Milliseconds that it gets to stop. */
  readonly stopGraceMs: number;
  /** What is waited for first. */
  readonly firstPart: string;
  /** Writes its settings into the folders, which exist, and says what is to be started. */
  prepare(places: LocalPlaces, options: LocalPlatformOptions): Promise<LocalStart>;
  /** Ends what the process group left behind. */
  afterStop?(processGroup: number): Promise<void>;
}

const pauseMs = 150;

/**
 * A real orchestrator on this machine: its processes in one group, its state in a file, so that any later command finds
 * it. One command at a time starts or stops it.
 */
export function createLocalPlatform(orchestrator: LocalOrchestrator, clock: Clock): LocalPlatform {
  const { title } = orchestrator;
  const locked = async <Value>(
    options: LocalPlatformOptions,
    call: CallOptions,
    work: () => Promise<Value>,
  ): Promise<Value> => {
    await mkdir(options.home, { recursive: true });
    const onWait = (): void => {
      options.log(`Waiting for another command that starts or stops the local ${title}`);
    };
    const lock = await acquireLock(join(options.home, '.lock'), { clock, onWait }, call);
    if (!lock.ok) {
      throw new PluginExecutionError({
        code: lock.failure === 'cancelled' ? 'CANCELLED' : 'LOCAL_PLATFORM_FAILED',
        message: `Another command is starting or stopping the local ${title}.`,
        resolution: 'Wait until it has ended, then try again.',
      });
    }
    try {
      return await work();
    } finally {
      await lock.value.release();
    }
  };
  return {
    start: (options, call) => locked(options, call, () => start(orchestrator, options, call, clock)),
    stop: (options, call) => locked(options, call, () => stop(orchestrator, options.home)),
    status: async (options) => {
      const state = await runningState(options.home);
      return state === undefined ? undefined : toLocalPlatformState(state);
    },
  };
}

async function start(
  orchestrator: LocalOrchestrator,
  options: LocalPlatformOptions,
  call: CallOptions,
  clock: Clock,
): Promise<LocalPlatformState> {
  const { name, title } = orchestrator;
  const home = resolve(options.home);
  const running = await runningState(home);
  if (running?.bin_directory === options.binDirectory) return toLocalPlatformState(running);
  if (running !== undefined) options.log(`Restarting the local ${title} with another Python environment`);
  await stop(orchestrator, home);
  const places = {
    home,
    directory: join(home, 'delivery'),
    dataDirectory: join(home, 'data'),
    instance: join(home, 'instance'),
  };
  for (const folder of Object.values(places)) await mkdir(folder, { recursive: true });
  const logFile = join(home, `${name}.log`);
  await writeFile(logFile, '', { mode: 0o600 });
  const prepared = await orchestrator.prepare(places, options);
  const startedAt = clock.now();
  options.log(`Starting ${title} at ${prepared.url}${prepared.hint === undefined ? '' : ` (${prepared.hint})`}`);
  const spawned = await spawnGroup(prepared.command, logFile);
  if (!spawned.ok) throw notStarted(`Python could not be started: ${spawned.failure.message}`, logFile);
  const group = spawned.value;
  const state = {
    orchestrator: name,
    url: prepared.url,
    process_group: group.pid,
    start_mark: group.startMark ?? null,
    bin_directory: options.binDirectory,
    directory: places.directory,
    data_directory: places.dataDirectory,
    config: { ...prepared.config, delivery: { kind: 'directory', path: places.directory } },
    started_at: new Date(startedAt).toISOString(),
  };
  try {
    // Before it is ready, so that a `stop` finds it whatever happens here.
    await writeLocalState(home, state);
    await waitUntilReady({ orchestrator, prepared, group, startedAt, logFile }, call, clock);
  } catch (error) {
    await endGroup(group.pid, 0, group.startMark);
    await orchestrator.afterStop?.(group.pid);
    await removeLocalState(home);
    throw error;
  }
  return toLocalPlatformState(state);
}

async function stop(orchestrator: LocalOrchestrator, home: string): Promise<void> {
  const state = await readLocalState(home);
  if (state === undefined) return;
  await endGroup(state.process_group, orchestrator.stopGraceMs, state.start_mark ?? undefined);
  await orchestrator.afterStop?.(state.process_group);
  await removeLocalState(home);
}

async function runningState(home: string): ReturnType<typeof readLocalState> {
  const state = await readLocalState(home);
  if (state === undefined) return undefined;
  return (await isGroupAlive(state.process_group, state.start_mark ?? undefined)) ? state : undefined;
}

interface Started {
  readonly orchestrator: LocalOrchestrator;
  readonly prepared: LocalStart;
  readonly group: ProcessGroup;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly logFile: string;
}

async function waitUntilReady(started: Started, call: CallOptions, clock: Clock): Promise<void> {
  const { orchestrator, prepared, group, startedAt, logFile } = started;
  const { title } = orchestrator;
  const end = startedAt + call.timeoutMs;
  let waitsFor = orchestrator.firstPart;
  for (;;) {
    if (call.signal.aborted) {
      throw new PluginExecutionError({
        code: 'CANCELLED',
        message: `The start of the local ${title} was cancelled.`,
        resolution: 'Start it again when you want it.',
      });
    }
    if (!(await isGroupAlive(group.pid, group.startMark))) {
      throw notStarted(`${title} ended at its start: ${await lastWords(logFile)}`, logFile);
    }
    const left = end - clock.now();
    if (left <= 0) throw notStarted(`${title} was not ready in time; ${waitsFor} was still missing.`, logFile);
    const state = await prepared.readiness(startedAt, { signal: call.signal, timeoutMs: Math.min(left, 5_000) });
    if (state.ready) return;
    waitsFor = state.waitsFor;
    await clock.sleep(Math.min(pauseMs, left), call.signal).catch(() => undefined);
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
