import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline as pipeStreams } from 'node:stream/promises';
import { unreadable } from './bundle-problems.js';

/** A file of a bundle: its text, or the file that it is a copy of. */
export type BundleFile =
  { readonly path: string; readonly content: string } | { readonly path: string; readonly source: string };

/** Files that are copied at the same time. */
const concurrency = 8;

/**
 * Writes files below a folder; what is hashed is what was written.
 * @returns lower-case hexadecimal sha256 by path
 * @throws InputError when a source cannot be read; the signal's reason when it aborts
 */
export async function writeFiles(
  directory: string,
  files: readonly BundleFile[],
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const hashes = new Map<string, string>();
  const queue = files.values();
  const work = async (): Promise<void> => {
    for (const file of queue) {
      signal.throwIfAborted();
      const target = join(directory, file.path);
      await mkdir(dirname(target), { recursive: true });
      hashes.set(
        file.path,
        await ('content' in file ? writeText(target, file.content) : copy(file.source, target, signal)),
      );
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return Object.fromEntries(files.map(({ path }) => [path, hashes.get(path) ?? '']));
}

async function writeText(target: string, content: string): Promise<string> {
  await writeFile(target, content, { mode: 0o644, flag: 'wx' });
  return createHash('sha256').update(content).digest('hex');
}

async function copy(source: string, target: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const input = createReadStream(source);
  let failed: unknown;
  input.once('error', (error) => {
    failed = error;
  });
  try {
    await pipeStreams(
      input,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(target, { mode: 0o644, flags: 'wx' }),
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (failed !== undefined) throw unreadable(source, failed);
    throw error;
  }
  return hash.digest('hex');
}
