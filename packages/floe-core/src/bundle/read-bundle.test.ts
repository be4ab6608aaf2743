import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FloeError } from '../errors/floe-error.js';
import { bundleHash } from './bundle-hash.js';
import { readBundleIndex, verifyBundleFiles } from './read-bundle.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'floe-read-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

/** sha256 of `one`. */
const files = { 'a.txt': '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed' };
const index = {
  schema: 1,
  product: 'shop',
  product_version: '1.0.0',
  platform: 'local',
  environment: 'dev',
  orchestrator: 'example',
  bundle_hash: bundleHash(files),
  files,
};

async function codeOf(content: string): Promise<string> {
  await writeFile(join(home, 'bundle.json'), content);
  try {
    await readBundleIndex(home);
  } catch (error) {
    return FloeError.isInstance(error) ? error.code : String(error);
  }
  return 'no failure';
}

describe('readBundleIndex', () => {
  it('reads what was written', async () => {
    expect(await codeOf(JSON.stringify(index))).toBe('no failure');
    await writeFile(join(home, 'a.txt'), 'one');
    expect(await verifyBundleFiles(home, await readBundleIndex(home))).toEqual([]);
  });

  it('finds changed and missing files', async () => {
    await writeFile(join(home, 'bundle.json'), JSON.stringify(index));
    expect(await verifyBundleFiles(home, await readBundleIndex(home))).toEqual(['a.txt']);
    await writeFile(join(home, 'a.txt'), 'two');
    expect(await verifyBundleFiles(home, await readBundleIndex(home))).toEqual(['a.txt']);
  });

  it.each([
    ['{', 'JSON_SYNTAX'],
    [JSON.stringify({ ...index, schema: 2 }), 'INVALID_VALUE'],
    [JSON.stringify({ ...index, bundle_hash: `sha256:${'0'.repeat(64)}` }), 'INVALID_VALUE'],
    [JSON.stringify({ ...index, files: { '../x': files['a.txt'] } }), 'INVALID_VALUE'],
  ])('refuses %s', async (content, code) => {
    expect(await codeOf(content)).toBe(code);
  });

  it('says that there is none', async () => {
    await expect(readBundleIndex(join(home, 'nowhere'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
