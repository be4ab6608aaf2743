import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';

/** What /proc tells about one process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** True when it has ended and only waits to be collected. */
  readonly ended: boolean;
  /** Clock ticks between the start of the machine and the start of the process. */
  readonly startTicks: string;
}

/** Parses /proc/<pid>/stat; the name in brackets may hold blanks and brackets. */
export function parseProcessStat(text: string): ProcessEntry | undefined {
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  if (open < 0 || close < open) return undefined;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  const [state, parent, group, session] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    ended: state === 'Z' || state === 'X',
    startTicks,
  };
}

/** The process with this id, or undefined when there is none or the system has no /proc. */
export function findProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Every process of the machine, or undefined when the system has no /proc. */
export async function listProcesses(): Promise<ProcessEntry[] | undefined> {
  let names: string[];
  try {
    names = await readdir('/proc');
  } catch {
    return undefined;
  }
  const pids = names.filter((name) => /^[0-9]+$/.test(name));
  if (pids.length === 0) return undefined;
  const entries = await Promise.all(
    pids.map(async (pid) => {
      try {
        return parseProcessStat(await readFile(`/proc/${pid}/stat`, 'latin1'));
      } catch {
        return undefined; // ended while the list was read
      }
    }),
  );
  return entries.filter((entry) => entry !== undefined);
}

/**
 * A mark that two processes never share, even when the later one gets the same id: start of the machine and start of
 * the process. Undefined when the process does not exist or the system has no /proc.
 */
export function startMarkOf(pid: number): string | undefined {
  const entry = findProcess(pid);
  if (entry === undefined) return undefined;
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}:${entry.startTicks}`;
  } catch {
    return `:${entry.startTicks}`;
  }
}
