import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import { startMarkOf } from './process-table.js';

const ownerSchema = z.looseObject({ pid: z.number().int(), start_mark: z.string().nullable(), id: z.string() });

/** A lock that is held; releasing it twice does nothing. */
export interface HeldLock {
  release(): Promise<void>;
}

export interface LockOptions {
  readonly clock: Clock;
  /** Called once when another process holds the lock. */
  readonly onWait?: () => void;
}

/**
 * Waits for a lock between processes of one machine. A lock whose owner has ended counts as free.
 * @param file path of the lock; its folder is made
 * @returns the lock, or why it was not got within the call
 */
export async function acquireLock(
  file: string,
  options: LockOptions,
  call: CallOptions,
): Promise<Outcome<HeldLock, 'timed_out' | 'cancelled'>> {
  const id = randomUUID();
  const content = JSON.stringify({ pid: process.pid, start_mark: startMarkOf(process.pid) ?? null, id });
  const end = options.clock.now() + call.timeoutMs;
  await mkdir(dirname(file), { recursive: true });
  for (let round = 0; ; round += 1) {
    if (call.signal.aborted) return failure('cancelled');
    if (await take(file, content)) {
      return success({
        release: async () => {
          if ((await read(file)) === content) await rm(file, { force: true });
        },
      });
    }
    await removeIfAbandoned(file);
    if (round === 1) options.onWait?.();
    const left = end - options.clock.now();
    if (left <= 0) return failure('timed_out');
    if (round === 0) continue;
    try {
      await options.clock.sleep(Math.min(100, left), call.signal);
    } catch {
      return failure('cancelled');
    }
  }
}

/** Linking a finished file makes the lock appear at once with its content, so that nobody reads half of it. */
async function take(file: string, content: string): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, content, { mode: 0o600 });
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function removeIfAbandoned(file: string): Promise<void> {
  const content = await read(file);
  if (content === undefined || !isAbandoned(content)) return;
  // The rename takes away exactly one file; a fresh lock that slipped in between is put back.
  const taken = `${file}.${randomUUID()}`;
  try {
    await rename(file, taken);
  } catch {
    return; // somebody else was faster
  }
  if ((await read(taken)) !== content) await link(taken, file).catch(() => undefined);
  await rm(taken, { force: true });
}

function isAbandoned(content: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return true;
  }
  const owner = ownerSchema.safeParse(value);
  if (!owner.success) return true;
  const { pid, start_mark: mark } = owner.data;
  if (mark !== null) return startMarkOf(pid) !== mark;
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
