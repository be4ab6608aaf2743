import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readPidFile, removePidFile, writePidFile } from './pid-file.js';
import { endGroup, isGroupAlive, spawnGroup, type ProcessGroup } from './process-group.js';
import { parseProcessStat, startMarkOf } from './process-table.js';

let folder: string;
const started: number[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-group-'));
});
afterAll(async () => {
  for (const pid of started) await endGroup(pid, 0);
  await rm(folder, { recursive: true, force: true });
});

async function start(script: string): Promise<ProcessGroup> {
  const outcome = await spawnGroup(
    { command: 'bash', args: ['-c', script], cwd: folder, env: { PATH: process.env.PATH } },
    join(folder, 'log'),
  );
  if (!outcome.ok) throw new TypeError(outcome.failure.message);
  started.push(outcome.value.pid);
  return outcome.value;
}

describe('a process group', () => {
  it('lives until it is ended, with its log in a file', async () => {
    const { pid, startMark } = await start('echo up; sleep 60 & sleep 60');
    expect(await isGroupAlive(pid, startMark)).toBe(true);
    await expectEventually(async () => (await readFile(join(folder, 'log'), 'utf8')) === 'up\n');
    expect(await endGroup(pid, 5_000, startMark)).toBe('terminated');
    expect(await isGroupAlive(pid, startMark)).toBe(false);
    expect(await endGroup(pid, 5_000, startMark)).toBe('gone');
  });

  it('lives as long as one of its members does', async () => {
    const { pid, startMark } = await start('sleep 60 & exit 0');
    await expectEventually(() => startMarkOf(pid) === undefined);
    expect(await isGroupAlive(pid, startMark)).toBe(true);
    expect(await endGroup(pid, 5_000, startMark)).toBe('terminated');
  });

  it('is killed when it ignores TERM', async () => {
    const { pid, startMark } = await start('trap "" TERM; echo ready > ready; while true; do sleep 1; done');
    await expectEventually(() =>
      access(join(folder, 'ready')).then(
        () => true,
        () => false,
      ),
    );
    expect(await endGroup(pid, 100, startMark)).toBe('killed');
    expect(await isGroupAlive(pid, startMark)).toBe(false);
  });

  it('of an earlier process with the same id is not touched', async () => {
    const { pid } = await start('sleep 60');
    expect(await isGroupAlive(pid, 'an earlier start')).toBe(false);
    expect(await endGroup(pid, 0, 'an earlier start')).toBe('gone');
    expect(await isGroupAlive(pid)).toBe(true);
  });

  it.each([0, 1, -5, 1.5, Number.NaN])('with id %d is refused', async (pid) => {
    await expect(endGroup(pid, 0)).rejects.toThrow(RangeError);
  });

  it('that cannot start says why', async () => {
    const outcome = await spawnGroup(
      { command: 'no-such-program-of-floe', args: [], cwd: folder, env: {} },
      join(folder, 'log'),
    );
    expect(outcome).toMatchObject({ ok: false, failure: { reason: 'command_not_found' } });
  });
});

describe('a pid file', () => {
  it('gives back what was written', async () => {
    const file = join(folder, 'platform.pid');
    await writePidFile(file, { pid: 4711, startMark: 'boot:12' });
    expect(await readPidFile(file)).toEqual({ pid: 4711, startMark: 'boot:12' });
    await removePidFile(file);
    await removePidFile(file);
    expect(await readPidFile(file)).toBeUndefined();
  });

  it.each(['', '{', '{"pid":1}', '[]', '{"pid":"12"}'])('with the text %j counts as missing', async (text) => {
    const file = join(folder, 'damaged.pid');
    await writeFile(file, text);
    expect(await readPidFile(file)).toBeUndefined();
  });
});

describe('parseProcessStat', () => {
  it('reads a name with blanks and brackets', () => {
    const rest = Array.from({ length: 40 }, (_, index) => String(index + 100)).join(' ');
    expect(parseProcessStat(`42 (a) b (c)) Z 7 8 9 ${rest}`)).toEqual({
      pid: 42,
      parent: 7,
      group: 8,
      session: 9,
      ended: true,
      startTicks: '115',
    });
  });

  it.each(['', '42', '42 (name) S', '42 (name S 1 2 3'])('takes %j for no process', (text) => {
    expect(parseProcessStat(text)).toBeUndefined();
  });
});

async function expectEventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new TypeError('did not come about within 10 seconds');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
