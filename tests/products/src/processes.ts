import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name): Process[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (fields[0] === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(fields[1]), command }];
      } catch {
        return []; // it has ended in the meantime
      }
    });
}

/** The processes that a process started, or adopted. */
export function childrenOf(pid: number): Process[] {
  return processes().filter((entry) => entry.parent === pid);
}

/** Ids of the processes below a process whose command has these words. */
export function processesBelow(pid: number, words: string): number[] {
  const all = processes();
  const below = new Set([pid]);
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const entry of all) if (below.has(entry.parent)) below.add(entry.pid);
  }
  return all
    .filter((entry) => below.has(entry.pid) && entry.pid !== pid && entry.command.includes(words))
    .map((entry) => entry.pid);
}

/** Ids of the processes of dbt below a process. */
export function dbtProcessesBelow(pid: number): number[] {
  return processesBelow(pid, 'floe_dbt');
}

/** The process of the orchestrator in which a product runs: the parent of dbt's, found by a word in its environment. */
export function adapterProcess(mark: string): number | undefined {
  const isMarked = ({ pid, command }: Process): boolean =>
    command.includes('floe_dbt') && environmentOf(pid).includes(mark);
  return processes().find(isMarked)?.parent;
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it has ended in the meantime
  }
}

/** True while a process lives. */
export function isAlive(pid: number): boolean {
  return processes().some((entry) => entry.pid === pid);
}

/** Waits until a process is gone. @returns false when it still lives after the time */
export async function waitUntilGone(pid: number, seconds: number): Promise<boolean> {
  const end = performance.now() + seconds * 1_000;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await sleep(100);
  }
  return true;
}
