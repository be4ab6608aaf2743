import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { runCli } from '../tests/support/run-cli.js';
import { createFakePlugin } from '../tests/support/fake-plugin.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('runFloe', () => {
  it('prints the version of the package', async () => {
    expect(await runCli(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('prints help for a command on standard output', async () => {
    const { exitCode, stdout } = await runCli(['run', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: floe run [options]');
    expect(stdout).toContain('--output <format>');
  });

  it.each([
    [['rum'], "Unknown command 'rum' (Did you mean run?)", 'floe --help'],
    [['run', '--selec', 'x'], "Unknown option '--selec' (Did you mean --select?)", 'floe run --help'],
    [['run', 'stray'], "Too many arguments for 'run'. Expected 0 arguments but got 1: stray.", 'floe run --help'],
    [['run', '--threads', '0'], 'Give a whole number from 1.', 'floe run --help'],
    [['run', '--timeout', 'soon'], 'Give seconds above 0', 'floe run --help'],
    [['run', '--attach', 'a', '--key', 'b'], 'cannot be used with option', 'floe run --help'],
    [['platform', 'start', '--nope'], "Unknown option '--nope'", 'floe platform start --help'],
    [['--output', 'yaml', 'compile'], 'Allowed choices are text, json.', 'floe compile --help'],
    [['run', '--vars', '[1'], 'The value of --vars cannot be used', '--vars'],
    [['run', '--vars', 'text'], 'it is no mapping', '--vars'],
  ])('refuses %j with exit status 2 and the next step', async (argv, message, next) => {
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('error USAGE: ');
    expect(stderr).toContain(message);
    expect(stderr).toContain(next);
  });

  it('writes exactly one JSON document for a wrong option too', async () => {
    const { exitCode, stdout, stderr } = await runCli(['run', '--nope', '--output', 'json']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'USAGE', context: {} } });
    expect(stdout.trimEnd()).not.toContain('\n');
  });

  it('shows help and fails when no command is given', async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: floe [options] [command]');
  });

  it('reports mistakes of floe without a stack trace', async () => {
    const plugin = createFakePlugin({
      deploy: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    const outcome = await runCli(['deploy'], { plugin, config: '{url: "http://x"}' });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.stderr).toContain('error INTERNAL: floe met an error of its own: undefined is not a function');
    expect(outcome.stderr).toContain('FLOE_DEBUG=1');
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    const debug = await runCli(['deploy'], { plugin, config: '{url: "http://x"}', variables: { FLOE_DEBUG: '1' } });
    expect(debug.stderr).toMatch(/TypeError: undefined is not a function\n\s+at /);
  });

  it('never lets a secret out', async () => {
    const canary = 'canary-9f8e7d6c';
    const plugin = createFakePlugin({
      deploy: () => {
        throw new Error(`refused the header Authorization: ${canary}`);
      },
    });
    const variables = { ORCHESTRATOR_TOKEN: canary, FLOE_DEBUG: '1' };
    for (const format of ['text', 'json']) {
      const { stdout, stderr } = await runCli(['deploy', '--output', format], {
        plugin,
        variables,
        config: '{url: "http://x"}',
      });
      expect(stdout + stderr).not.toContain(canary);
      expect(stdout + stderr).toContain('***');
    }
  });
});
