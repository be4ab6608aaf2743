import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findPython } from './python-interpreter.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-interpreter-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function pretend(name: string, answer: readonly (string | number)[]): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\nprintf '%s\\n' ${answer.join(' ')}\n`, { mode: 0o755 });
}

function find(oldest?: number): ReturnType<typeof findPython> {
  return findPython({ PATH: folder }, folder, { signal: new AbortController().signal, timeoutMs: 10_000 }, oldest);
}

describe('findPython', () => {
  it('takes python3 when it fits', async () => {
    await pretend('python3', ['/opt/python3', 3, 11, 1, 1]);
    await pretend('python3.12', ['/opt/python3.12', 3, 12, 1, 1]);
    expect(await find()).toEqual({ ok: true, value: { executable: '/opt/python3', version: '3.11' } });
  });

  it('prefers a version that the locks were made for', async () => {
    await pretend('python3', ['/opt/python3', 3, 15, 1, 1]);
    await pretend('python3.12', ['/opt/python3.12', 3, 12, 1, 1]);
    expect(await find()).toMatchObject({ value: { version: '3.12' } });
  });

  it('takes a newer one when there is nothing else', async () => {
    await pretend('python3', ['/opt/python3', 3, 15, 1, 1]);
    expect(await find()).toMatchObject({ value: { version: '3.15' } });
  });

  it('skips one that is older than the lock takes', async () => {
    await pretend('python3', ['/opt/python3', 3, 10, 1, 1]);
    expect(await find(11)).toMatchObject({
      failure: { message: 'Python 3.11 or newer is needed; found only Python 3.10' },
    });
    await pretend('python3.12', ['/opt/python3.12', 3, 12, 1, 1]);
    expect(await find(11)).toMatchObject({ value: { version: '3.12' } });
  });

  it('skips one that cannot make environments', async () => {
    await pretend('python3', ['/opt/python3', 3, 11, 1, 0]);
    await pretend('python3.10', ['/opt/python3.10', 3, 10, 1, 1]);
    expect(await find()).toMatchObject({ value: { version: '3.10' } });
  });

  it('says which package has the venv module', async () => {
    await pretend('python3', ['/opt/python3', 3, 11, 1, 0]);
    expect(await find()).toMatchObject({
      failure: {
        code: 'PYTHON_ENVIRONMENT_FAILED',
        message: expect.stringContaining('venv') as unknown,
        resolution: expect.stringContaining('python3.11-venv') as unknown,
      },
    });
  });

  it('says what was found when everything is too old', async () => {
    await pretend('python3', ['/opt/python3', 3, 8, 1, 1]);
    await pretend('python', ['/opt/python', 2, 7, 0, 0]);
    expect(await find()).toMatchObject({
      failure: { message: 'Python 3.10 or newer is needed; found only Python 3.8, 2.7' },
    });
  });
});
