import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BundleIndex } from './bundle.js';
import { bundleHash, bundleIndexName, sortedPaths } from './bundle-hash.js';
import { isBundlePath } from './bundle-path.js';
import { fileError, unreadable } from './bundle-problems.js';

const indexSchema = z.looseObject({
  schema: z.literal(1),
  product: z.string().min(1),
  product_version: z.string(),
  platform: z.string(),
  environment: z.string(),
  orchestrator: z.string().min(1),
  bundle_hash: z.string().regex(/^sha256:[0-9a-f]{64}$/u),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/u)),
});

/**
 * Reads bundle.json of a bundle's folder and checks that its hash fits its list of files.
 * @throws InputError FILE_NOT_FOUND, FILE_UNREADABLE, JSON_SYNTAX or INVALID_VALUE
 */
export async function readBundleIndex(directory: string): Promise<BundleIndex> {
  const file = join(directory, bundleIndexName);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fileError('JSON_SYNTAX', file, 'The index of the bundle is not JSON.', makeAgain);
  }
  const index = indexSchema.safeParse(value);
  if (!index.success) {
    const place = index.error.issues[0]?.path.join('.') ?? '';
    throw fileError('INVALID_VALUE', file, `The index of the bundle is wrong at "${place}".`, makeAgain);
  }
  const outside = Object.keys(index.data.files).find((path) => !isBundlePath(path));
  if (outside !== undefined) {
    throw fileError(
      'INVALID_VALUE',
      file,
      `The index of the bundle lists "${outside}", which is outside of it.`,
      makeAgain,
    );
  }
  if (bundleHash(index.data.files) !== index.data.bundle_hash) {
    throw fileError('INVALID_VALUE', file, 'The hash of the bundle does not fit its list of files.', makeAgain);
  }
  return index.data;
}

/** Paths whose content is not what bundle.json says, missing ones too; sorted. Files that are not listed do not count. */
export async function verifyBundleFiles(directory: string, index: BundleIndex): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, expected] of Object.entries(index.files)) {
    if ((await hashOf(join(directory, path))) !== expected) wrong.push(path);
  }
  return sortedPaths(wrong);
}

async function hashOf(file: string): Promise<string | undefined> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

const makeAgain = 'Make the bundle again with "floe generate"; do not change it by hand.';
