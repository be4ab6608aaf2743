import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LocalPlatform, LocalPlatformOptions } from '../plugin-interfaces.js';
import { isGroupAlive } from '../process/process-group.js';
import { systemClock } from '../time/clock.js';
import { createLocalPlatform, type LocalOrchestrator } from './local-platform.js';

let home: string;
let options: LocalPlatformOptions;
let lines: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'floe-local-'));
  lines = [];
  options = { home, binDirectory: '/bin', adapter: 'duckdb', log: (line) => lines.push(line) };
});
afterEach(async () => {
  await platform().stop(options, within(20));
  await rm(home, { recursive: true, force: true });
});

function within(seconds: number): { readonly signal: AbortSignal; readonly timeoutMs: number } {
  return { signal: new AbortController().signal, timeoutMs: seconds * 1_000 };
}

interface Fake {
  /** What its process does. */
  readonly program?: string;
  readonly isReady?: () => boolean;
  readonly ended?: number[];
}

/** A platform whose process lives until it is ended. */
function platform({ program = 'setInterval(() => {}, 1000)', isReady, ended = [] }: Fake = {}): LocalPlatform {
  const orchestrator: LocalOrchestrator = {
    name: 'fake',
    title: 'Fake',
    stopGraceMs: 5_000,
    firstPart: 'the server',
    prepare: ({ instance }) =>
      Promise.resolve({
        url: 'http://127.0.0.1:1',
        hint: 'no page',
        command: { command: process.execPath, args: ['-e', program], cwd: instance, env: {} },
        config: { url: 'http://127.0.0.1:1' },
        readiness: () =>
          Promise.resolve(isReady?.() === false ? { ready: false, waitsFor: 'the daemon' } : { ready: true }),
      }),
    afterStop: (group) => {
      ended.push(group);
      return Promise.resolve();
    },
  };
  return createLocalPlatform(orchestrator, systemClock);
}

describe('a local platform', () => {
  it('starts once, is found again, and is gone after the stop', async () => {
    const ended: number[] = [];
    const first = await platform({ ended }).start(options, within(20));
    expect(first).toMatchObject({
      orchestrator: 'fake',
      directory: join(home, 'delivery'),
      config: { url: 'http://127.0.0.1:1', delivery: { kind: 'directory', path: join(home, 'delivery') } },
    });
    expect(lines).toEqual(['Starting Fake at http://127.0.0.1:1 (no page)']);
    expect(await platform().start(options, within(20))).toEqual(first);
    expect(await platform().status(options, within(20))).toEqual(first);

    await platform({ ended }).stop(options, within(20));
    expect(await isGroupAlive(first.processGroup)).toBe(false);
    expect(ended).toEqual([first.processGroup]);
    expect(await platform().status(options, within(20))).toBeUndefined();
  });

  it('is started anew for another Python environment', async () => {
    const first = await platform().start(options, within(20));
    const second = await platform().start({ ...options, binDirectory: '/usr/bin' }, within(20));
    expect(second.processGroup).not.toBe(first.processGroup);
    expect(await isGroupAlive(first.processGroup)).toBe(false);
  });

  it('says the last words of a process that ends at its start, and forgets it', async () => {
    const program = 'console.error("Traceback:"); console.error("  in a file"); throw new Error("port is taken")';
    await expect(platform({ program, isReady: () => false }).start(options, within(20))).rejects.toMatchObject({
      code: 'LOCAL_PLATFORM_FAILED',
      message: expect.stringContaining('Fake ended at its start: '),
      resolution: expect.stringContaining(join(home, 'fake.log')),
    });
    expect(await platform().status(options, within(20))).toBeUndefined();
  });

  it('says what was missing when it is not ready in time, and ends it', async () => {
    const ended: number[] = [];
    await expect(platform({ isReady: () => false, ended }).start(options, within(1))).rejects.toMatchObject({
      code: 'LOCAL_PLATFORM_FAILED',
      message: 'Fake was not ready in time; the daemon was still missing.',
    });
    const [group = 0] = ended;
    expect(await isGroupAlive(group)).toBe(false);
  });

  it('is not started by two commands at once', async () => {
    const both = await Promise.all([platform().start(options, within(20)), platform().start(options, within(20))]);
    expect(both[0]).toEqual(both[1]);
    expect(lines).toContain('Waiting for another command that starts or stops the local Fake');
  });

  it('takes a state that cannot be read for none', async () => {
    await writeFile(join(home, 'state.json'), 'no JSON');
    expect(await platform().status(options, within(20))).toBeUndefined();
  });
});
