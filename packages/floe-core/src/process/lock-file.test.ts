import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../time/clock.js';
import { acquireLock, type HeldLock } from './lock-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-lock-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function acquire(file: string, timeoutMs = 10_000, onWait?: () => void): Promise<HeldLock> {
  const options = { clock: systemClock, ...(onWait !== undefined && { onWait }) };
  const outcome = await acquireLock(file, options, { signal: new AbortController().signal, timeoutMs });
  if (!outcome.ok) throw new TypeError(outcome.failure);
  return outcome.value;
}

describe('acquireLock', () => {
  it('lets one in at a time', async () => {
    const file = join(folder, 'deep', 'one.lock');
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await acquire(file);
        inside += 1;
        most = Math.max(most, inside);
        await systemClock.sleep(5);
        inside -= 1;
        await lock.release();
        await lock.release();
      }),
    );
    expect(most).toBe(1);
    expect(await readdir(join(folder, 'deep'))).toEqual([]);
  });

  it('says once that it waits, and gives up at the deadline', async () => {
    const file = join(folder, 'held.lock');
    const lock = await acquire(file);
    let waits = 0;
    await expect(acquire(file, 250, () => (waits += 1))).rejects.toThrow('timed_out');
    expect(waits).toBe(1);
    await lock.release();
  });

  it('gives up when the call is aborted', async () => {
    const file = join(folder, 'aborted.lock');
    const lock = await acquire(file);
    const controller = new AbortController();
    const waiting = acquireLock(
      file,
      {
        clock: systemClock,
        onWait: () => {
          controller.abort();
        },
      },
      { signal: controller.signal, timeoutMs: 10_000 },
    );
    expect(await waiting).toEqual({ ok: false, failure: 'cancelled' });
    await lock.release();
  });

  it.each([
    ['has ended', { pid: 4_000_000, start_mark: 'boot:1', id: 'x' }],
    ['has ended, and its id was given away again', { pid: process.pid, start_mark: 'boot:1', id: 'x' }],
    ['is not named', {}],
  ])('takes the lock of an owner that %s', async (_name, content) => {
    const file = join(folder, 'abandoned.lock');
    await writeFile(file, JSON.stringify(content));
    const lock = await acquire(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('does not release the lock of somebody else', async () => {
    const file = join(folder, 'taken.lock');
    const lock = await acquire(file);
    await writeFile(file, 'of somebody else');
    await lock.release();
    expect(await readFile(file, 'utf8')).toBe('of somebody else');
  });
});
