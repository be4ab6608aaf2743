import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureDagsFolder } from './airflow-dags-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-dags-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('ensureDagsFolder', () => {
  it('hides the bundles from Airflow and gives it the sentinel, once', async () => {
    const directory = join(folder, 'dags');
    expect(await ensureDagsFolder(directory)).toBe(true);
    expect(await ensureDagsFolder(directory)).toBe(false);
    expect((await readdir(directory)).sort()).toEqual(['.airflowignore', 'floe_sentinel.py']);
    expect(await readFile(join(directory, '.airflowignore'), 'utf8')).toBe('.bundles/\n.locks/\n.data/\n');
    // Airflow parses only files with both words in them.
    const text = await readFile(join(directory, 'floe_sentinel.py'), 'utf8');
    expect(text).toMatch(/airflow/u);
    expect(text).toMatch(/dag/iu);
  });

  it('leaves what others wrote', async () => {
    await writeFile(join(folder, '.airflowignore'), 'drafts/\n.bundles/');
    await ensureDagsFolder(folder);
    expect(await readFile(join(folder, '.airflowignore'), 'utf8')).toBe('drafts/\n.bundles/\n.locks/\n.data/\n');
  });
});
