import { readFileSync, readdirSync } from 'node:fs';

/** What /proc tells about a process and those it has waited for. */
export interface ProcessUsage {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks of the process itself. */
  readonly ownTicks: number;
  /** Clock ticks of the children that it has waited for, and of theirs. */
  readonly childTicks: number;
  readonly rssPages: number;
}

/** Parses /proc/<pid>/stat; the name in brackets may hold blanks and brackets. */
export function parseUsage(text: string): ProcessUsage | undefined {
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  if (open < 0 || close < open) return undefined;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(' ');
  // Fields 14 to 17 of proc_pid_stat(5) are the times, 24 is the resident size; the third field is the first here.
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  const rss = fields[21];
  if (user === undefined || system === undefined || childUser === undefined || childSystem === undefined)
    return undefined;
  if (rss === undefined) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    parent: Number(fields[1]),
    ownTicks: user + system,
    childTicks: childUser + childSystem,
    rssPages: Number(rss),
  };
}

/** A process and everything below it. */
export function treeOf(root: number, processes: readonly ProcessUsage[]): readonly ProcessUsage[] {
  const children = new Map<number, ProcessUsage[]>();
  for (const entry of processes) {
    const siblings = children.get(entry.parent);
    if (siblings === undefined) children.set(entry.parent, [entry]);
    else siblings.push(entry);
  }
  const found = processes.filter(({ pid }) => pid === root);
  // Grows while it is walked.
  for (const entry of found) found.push(...(children.get(entry.pid) ?? []));
  return found;
}

/** Every process of the machine. */
export function readProcesses(): readonly ProcessUsage[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        const entry = parseUsage(readFileSync(`/proc/${pid}/stat`, 'latin1'));
        return entry === undefined ? [] : [entry];
      } catch {
        return []; // it ended while the list was read
      }
    });
}
