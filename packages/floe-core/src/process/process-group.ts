import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import { explainStartFailure, type Command, type StartFailure } from './command.js';
import { findProcess, listProcesses, startMarkOf } from './process-table.js';

/** A group of processes that floe started; its id is the id of its first process. */
export interface ProcessGroup {
  readonly pid: number;
  /** Tells the group from a later one with the same id; absent where the system has no /proc. */
  readonly startMark?: string;
}

/** How the end of a group went. `survived`: processes were still there after KILL (stuck in the kernel, or not ours). */
export type GroupEnd = 'gone' | 'terminated' | 'killed' | 'survived';

const killWaitMs = 5_000;

/**
 * Starts a program that outlives the caller, as leader of a process group and session of its own.
 * @param command the program; `input` is not supported, standard input is empty
 * @param logFile gets standard output and standard error, appended
 */
export async function spawnGroup(command: Command, logFile: string): Promise<Outcome<ProcessGroup, StartFailure>> {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command.command, [...command.args], {
      cwd: command.cwd,
      env: { ...command.env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    const error = await new Promise<unknown>((resolve) => {
      child.once('spawn', () => {
        resolve(undefined);
      });
      child.once('error', resolve);
    });
    child.unref();
    if (error !== undefined || child.pid === undefined) return failure(await explainStartFailure(command, error));
    return success(identify(child.pid));
  } catch (error) {
    return failure(await explainStartFailure(command, error));
  } finally {
    closeSync(log);
  }
}

/** The group led by a process that has just been started. */
export function identify(pid: number): ProcessGroup {
  const startMark = startMarkOf(pid);
  return startMark === undefined ? { pid } : { pid, startMark };
}

/** True while any process of the group lives; processes that only wait to be collected do not count. */
export async function isGroupAlive(pid: number, startMark?: string): Promise<boolean> {
  if (isReused(pid, startMark) || !canSignal(pid)) return false;
  const processes = await listProcesses();
  return processes === undefined || processes.some((entry) => entry.group === pid && !entry.ended);
}

/**
 * Ends every process of a group: TERM, after the grace KILL. Returns when they are gone.
 * @param pid id of the group
 * @param graceMs time between TERM and KILL; 0 kills at once
 * @param startMark the mark that was kept at the start: a later group with the same id is left alone
 */
export async function endGroup(pid: number, graceMs: number, startMark?: string): Promise<GroupEnd> {
  if (!(await isGroupAlive(pid, startMark))) return 'gone';
  if (graceMs > 0) {
    signalGroup(pid, 'SIGTERM');
    signalGroup(pid, 'SIGCONT'); // a stopped process takes TERM only after it goes on
    if (await waitUntilGone(pid, graceMs, startMark)) return 'terminated';
  }
  signalGroup(pid, 'SIGKILL');
  return (await waitUntilGone(pid, killWaitMs, startMark)) ? 'killed' : 'survived';
}

/** Sends a signal to every process of a group; a group that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  assertGroupId(pid);
  try {
    process.kill(-pid, signal);
  } catch {
    // gone, or not ours: the caller looks whether it is still there
  }
}

async function waitUntilGone(pid: number, limitMs: number, startMark: string | undefined): Promise<boolean> {
  const end = performance.now() + limitMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    if (!(await isGroupAlive(pid, startMark))) return true;
    const left = end - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(pause, left));
  }
}

/** A living leader with another start means that the id was given away again, so the group of before is gone. */
function isReused(pid: number, startMark: string | undefined): boolean {
  if (startMark === undefined || findProcess(pid) === undefined) return false;
  return startMarkOf(pid) !== startMark;
}

function canSignal(pid: number): boolean {
  assertGroupId(pid);
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}

/** 0 and 1 would address the caller's own group and every process of the machine. */
function assertGroupId(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid < 2) throw new RangeError(`${String(pid)} is not the id of a process group`);
}
