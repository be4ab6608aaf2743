import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareHome, resolveHome } from './home-directory.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-home-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('resolveHome', () => {
  const question = (projectDirectory: string) => ({
    option: undefined,
    variables: {},
    workingDirectory: '/here',
    projectDirectory,
  });

  it('is shared by the products of a git repository', async () => {
    const product = join(root, 'products', 'shop');
    await mkdir(product, { recursive: true });
    expect(resolveHome(question(product))).toBe(join(product, '.floe'));
    await mkdir(join(root, '.git'));
    expect(resolveHome(question(product))).toBe(join(root, '.floe'));
  });

  it('can be named by an option or by FLOE_HOME', () => {
    const variables = { FLOE_HOME: '/shared/floe' };
    expect(resolveHome({ ...question(root), variables })).toBe('/shared/floe');
    expect(resolveHome({ ...question(root), variables, option: 'mine' })).toBe('/here/mine');
  });
});

describe('prepareHome', () => {
  it('keeps itself out of git and leaves an own rule alone', async () => {
    const home = join(root, '.floe');
    await prepareHome(home);
    expect(await readFile(join(home, '.gitignore'), 'utf8')).toBe('*\n');
    await writeFile(join(home, '.gitignore'), '*\n!locks\n');
    await prepareHome(home);
    expect(await readFile(join(home, '.gitignore'), 'utf8')).toBe('*\n!locks\n');
  });
});
