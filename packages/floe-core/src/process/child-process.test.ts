import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCommand, type CommandOutcome, type RunCommandOptions } from './child-process.js';
import { isGroupAlive } from './process-group.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-command-'));
  await writeFile(join(folder, 'plain.txt'), 'text', { mode: 0o600 });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function run(script: string, options: Partial<RunCommandOptions> = {}, input?: string): Promise<CommandOutcome> {
  return runCommand(
    {
      command: 'bash',
      args: ['-c', script],
      cwd: folder,
      env: { PATH: process.env.PATH, GREETING: 'hello' },
      ...(input !== undefined && { input }),
    },
    { signal: new AbortController().signal, timeoutMs: 20_000, maxOutputBytes: 1_000, ...options },
  );
}

async function pidIn(name: string): Promise<number> {
  for (;;) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
    await sleep(5);
  }
}

describe('runCommand', () => {
  it('gives exit code and both streams', async () => {
    const outcome = await run('echo "$GREETING"; echo problem >&2; exit 3');
    expect(outcome).toMatchObject({
      kind: 'exited',
      exitCode: 3,
      stdout: 'hello\n',
      stderr: 'problem\n',
      truncated: false,
    });
  });

  it('passes the input and only the given environment', async () => {
    const outcome = await run('cat; echo "${HOME:-none}"', {}, 'text\n');
    expect(outcome).toMatchObject({ kind: 'exited', exitCode: 0, stdout: 'text\nnone\n' });
  });

  it('does not mind a program that leaves its input unread', async () => {
    expect(await run('exit 0', {}, 'x'.repeat(1_000_000))).toMatchObject({ kind: 'exited', exitCode: 0 });
  });

  it('tells a signal from an exit code', async () => {
    expect(await run('kill -9 $$')).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
  });

  it('keeps the end of long output', async () => {
    const outcome = await run('for i in $(seq 1 2000); do echo "line $i"; done', { maxOutputBytes: 19 });
    expect(outcome).toMatchObject({ kind: 'exited', stdout: 'ine 1999\nline 2000\n', truncated: true });
  });

  it('hands out lines as they come', async () => {
    const lines: string[] = [];
    await run('printf "a\\nb\\r\\n"; printf c', { log: (line) => lines.push(line) });
    expect(lines).toEqual(['a', 'b', 'c']);
  });

  it('rejects with the error of a broken log, after it has ended the program', async () => {
    const log = (): void => {
      throw new RangeError('full');
    };
    await expect(run('echo $$ > log.pid; echo a; sleep 30', { log })).rejects.toThrow('full');
    expect(await isGroupAlive(await pidIn('log.pid'))).toBe(false);
  });

  it('ends the group at the deadline', async () => {
    const outcome = await run('echo $$ > deadline.pid; sleep 40 & sleep 40', { timeoutMs: 1_500 });
    expect(outcome).toMatchObject({ kind: 'timed_out' });
    expect(await isGroupAlive(await pidIn('deadline.pid'))).toBe(false);
  });

  it('kills what ignores TERM', async () => {
    const outcome = await run('trap "" TERM; echo $$ > stubborn.pid; while true; do sleep 1; done', {
      timeoutMs: 1_500,
      graceMs: 100,
    });
    expect(outcome).toMatchObject({ kind: 'timed_out' });
    expect(await isGroupAlive(await pidIn('stubborn.pid'))).toBe(false);
  });

  it('lets the program clean up within the grace', async () => {
    const controller = new AbortController();
    const outcome = await run('trap "echo cleaned; exit 0" TERM; echo ready; while true; do sleep 0.05; done', {
      signal: controller.signal,
      log: (line) => {
        if (line === 'ready') controller.abort();
      },
    });
    expect(outcome).toMatchObject({ kind: 'cancelled', stdout: 'ready\ncleaned\n' });
  });

  it('ends the group on an abort', async () => {
    const controller = new AbortController();
    const running = run('echo $$ > abort.pid; sleep 40', { signal: controller.signal });
    const pid = await pidIn('abort.pid');
    controller.abort();
    expect(await running).toMatchObject({ kind: 'cancelled' });
    expect(await isGroupAlive(pid)).toBe(false);
  });

  it('starts nothing when the call is aborted already', async () => {
    expect(await run('echo started > aborted.txt', { signal: AbortSignal.abort() })).toMatchObject({
      kind: 'cancelled',
    });
    await expect(readFile(join(folder, 'aborted.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('ends what the program left behind, and does not wait for its output', async () => {
    const outcome = await run('sleep 40 & echo $$ > left.pid; echo done');
    expect(outcome).toMatchObject({ kind: 'exited', exitCode: 0, stdout: 'done\n' });
    expect(outcome.kind === 'exited' && outcome.durationMs).toBeLessThan(10_000);
    expect(await isGroupAlive(await pidIn('left.pid'))).toBe(false);
  });

  it.each([
    ['a missing program', { command: 'no-such-program-of-floe' }, 'command_not_found'],
    ['a missing folder', { cwd: '/no/such/folder' }, 'directory_not_found'],
    ['a file that is not executable', { command: './plain.txt' }, 'not_executable'],
    ['an argument that no system takes', { args: ['a\0b'] }, 'other'],
  ])('says why %s does not start', async (_name, change, reason) => {
    const outcome = await runCommand(
      { command: 'bash', args: ['-c', 'true'], cwd: folder, env: { PATH: process.env.PATH }, ...change },
      { signal: new AbortController().signal, timeoutMs: 5_000, maxOutputBytes: 10 },
    );
    expect(outcome).toMatchObject({ kind: 'not_started', reason });
  });
});
