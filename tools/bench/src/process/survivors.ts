import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const pauseMs = 250;

/** Ids of the processes that belong to a folder: by their working folder, their command or their environment. */
export function processesOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return false;
        const texts = [
          readlinkSync(`/proc/${pid}/cwd`),
          readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
          readFileSync(`/proc/${pid}/environ`, 'utf8'),
        ];
        return texts.some((text) => text.includes(folder));
      } catch {
        return false; // it has ended, or it is somebody else's
      }
    })
    .map(Number);
}

/**
 * Waits until no process of a temporary folder is left, then ends those that stay.
 * @returns how many had to be ended; more than none is a fault of what started them
 */
export async function endSurvivors(folder: string, waitMs: number): Promise<number> {
  const end = performance.now() + waitMs;
  while (processesOf(folder).length > 0 && performance.now() < end) await sleep(pauseMs);
  const survivors = processesOf(folder);
  for (const pid of survivors) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended in the meantime
    }
  }
  return survivors.length;
}
