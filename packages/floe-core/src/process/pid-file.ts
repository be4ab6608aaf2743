import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ProcessGroup } from './process-group.js';

const schema = z.looseObject({ pid: z.number().int().min(2), start_mark: z.string().optional() });

/** Keeps the identity of a group that outlives the command, so that a later command can end it. */
export async function writePidFile(file: string, group: ProcessGroup): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify({ pid: group.pid, start_mark: group.startMark })}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

/** The group that the file names; undefined when the file is missing or damaged. */
export async function readPidFile(file: string): Promise<ProcessGroup | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return undefined;
  const { pid, start_mark: startMark } = parsed.data;
  return startMark === undefined ? { pid } : { pid, startMark };
}

/** Removes the file; a missing one is no error. */
export async function removePidFile(file: string): Promise<void> {
  await rm(file, { force: true });
}
