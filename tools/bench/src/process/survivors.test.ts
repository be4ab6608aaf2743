import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { endSurvivors, processesOf } from './survivors.js';

describe('endSurvivors', () => {
  it('finds and ends a process by its working folder and by its environment', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'floe-bench-survivors-'));
    const idle = ['-e', 'setInterval(() => undefined, 1000)'];
    const children = [
      spawn(process.execPath, idle, { cwd: folder, stdio: 'ignore' }),
      spawn(process.execPath, idle, { env: { BENCH_FOLDER: folder }, stdio: 'ignore' }),
    ];
    const ends = children.map((child) => once(child, 'exit'));
    try {
      expect([...processesOf(folder)].sort()).toEqual(children.map((child) => child.pid).sort());
      expect(await endSurvivors(folder, 0)).toBe(2);
      await Promise.all(ends);
      expect(processesOf(folder)).toEqual([]);
      expect(await endSurvivors(folder, 0)).toBe(0);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });
});
