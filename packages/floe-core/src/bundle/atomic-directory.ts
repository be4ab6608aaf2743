import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCodeOf } from './bundle-problems.js';

/**
 * Fills a new folder beside its final place and moves it there when it is complete: at no moment is half a folder at
 * `directory`. What was there before stays until then; when `fill` fails, nothing has changed.
 */
export async function writeDirectoryAtomically<Result>(
  directory: string,
  fill: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  const mark = `${basename(directory)}-${randomUUID()}`;
  const temporary = join(parent, `.floe-new-${mark}`);
  const old = join(parent, `.floe-old-${mark}`);
  try {
    await mkdir(temporary, { mode: 0o755 });
    const result = await fill(temporary);
    const hadOld = await moveAway(directory, old);
    try {
      await rename(temporary, directory);
    } catch (error) {
      if (hadOld) await rename(old, directory);
      throw error;
    }
    return result;
  } finally {
    await rm(temporary, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function moveAway(directory: string, to: string): Promise<boolean> {
  try {
    await rename(directory, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
