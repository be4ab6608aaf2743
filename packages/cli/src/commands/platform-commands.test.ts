import { describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { createFakePlugin, sampleLocalState } from '../../tests/support/fake-plugin.js';
import { runCli } from '../../tests/support/run-cli.js';

describe('floe platform', () => {
  it('starts with the environment of the adapter, prints the address and how to stop', async () => {
    const plugin = createFakePlugin();
    const asked: string[] = [];
    const services = {
      ensurePythonEnvironment: (spec: { readonly name: string }, context: { log: (line: string) => void }) => {
        asked.push(spec.name);
        context.log('Installing the Python environment');
        return Promise.resolve({ python: '/env/bin/python', binDirectory: '/env/bin' });
      },
    };
    const { exitCode, stdout, stderr } = await runCli(['platform', 'start'], { plugin, services });
    expect(exitCode).toBe(0);
    expect(stdout).toBe('fake runs at http://127.0.0.1:3000\nstop it with: floe platform stop --orchestrator fake\n');
    expect(stderr).toBe('Installing the Python environment\nthe webserver answers\n');
    expect(asked).toEqual(['fake-duckdb']);
    expect(plugin.calls).toEqual(['platform start']);
  });

  it('says when it ran already', async () => {
    const plugin = createFakePlugin({ local: sampleLocalState });
    const { stdout } = await runCli(['platform', 'start'], { plugin });
    expect(stdout).toContain('fake runs already at http://127.0.0.1:3000');
  });

  it('stops, whether it runs or not', async () => {
    const running = createFakePlugin({ local: sampleLocalState });
    expect((await runCli(['platform', 'stop'], { plugin: running })).stdout).toBe(
      'fake at http://127.0.0.1:3000 is stopped\n',
    );
    expect((await runCli(['platform', 'stop'])).stdout).toBe('fake was not running\n');
  });

  it('gives its state as JSON, and exit status 2 when it does not run', async () => {
    const plugin = createFakePlugin({ local: sampleLocalState });
    const { stdout } = await runCli(['platform', 'status', '--output', 'json'], { plugin });
    expect(JSON.parse(stdout)).toEqual({ ok: true, result: sampleLocalState });
    const down = await runCli(['platform', 'status', '--output', 'json']);
    expect(down.exitCode).toBe(2);
    expect(JSON.parse(down.stdout)).toMatchObject({ ok: false, error: { code: 'LOCAL_PLATFORM_NOT_RUNNING' } });
  });

  it('needs a product or a name', async () => {
    const { exitCode, stderr } = await runCli(['platform', 'status', '--project', '/nowhere/at/all']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no product here that would name an orchestrator.');
    expect(stderr).toContain('--orchestrator');
    const plugin = createFakePlugin({ local: sampleLocalState });
    const named = await runCli(['platform', 'status', '--project', '/nowhere/at/all', '--orchestrator', 'fake'], {
      plugin,
    });
    expect(named.exitCode).toBe(0);
  });

  it('says what to install when the environment cannot be made', async () => {
    const error = new PluginExecutionError({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: 'No Python from 3.10 on was found',
      resolution: 'Install Python 3.11.',
    });
    const services = { ensurePythonEnvironment: () => Promise.reject(error) };
    const { exitCode, stderr } = await runCli(['platform', 'start'], { services });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      'error PYTHON_ENVIRONMENT_FAILED: No Python from 3.10 on was found\n  next: Install Python 3.11.',
    );
  });

  it('refuses a lock for a plugin that ships no requirements', async () => {
    const { exitCode, stderr } = await runCli(['platform', 'lock', '--adapter', 'trino']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error PLUGIN_INCOMPATIBLE: The plugin fake does not ship requirements.in');
  });
});

describe('floe doctor', () => {
  const url = '{url: "http://127.0.0.1:3000"}';
  const details = { endpoint: 'http://127.0.0.1:3000', durationMs: 12, version: '1.11.0', warnings: [] };

  it('shows every step, and the next step where one failed', async () => {
    const result: ValidationResult = {
      success: false,
      message: 'The token was refused.',
      details: {
        ...details,
        steps: [
          { name: 'connect', outcome: 'passed', message: 'connected', durationMs: 2.4 },
          {
            name: 'credentials',
            outcome: 'failed',
            message: 'The token was refused.',
            resolution: 'Renew the token.',
            code: 'CONNECTION_UNAUTHORIZED',
            durationMs: 9.6,
          },
          { name: 'health', outcome: 'skipped', message: 'needs credentials', durationMs: 0 },
        ],
      },
    };
    const plugin = createFakePlugin({ validate: () => result });
    const { exitCode, stdout } = await runCli(['doctor'], { plugin, config: url });
    expect(exitCode).toBe(3);
    expect(stdout).toBe(
      [
        'step         outcome  ms  message',
        'connect      passed    2  connected',
        'credentials  failed   10  The token was refused.',
        'health       skipped      needs credentials',
        '',
        'credentials: The token was refused.',
        '  next: Renew the token.',
        '',
        'not connected: http://127.0.0.1:3000 (version 1.11.0)',
        'The token was refused.',
        '',
      ].join('\n'),
    );
    const json = await runCli(['doctor', '--output', 'json'], { plugin, config: url });
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      result: { success: false },
      error: { code: 'CONNECTION_UNAUTHORIZED', resolution: 'Renew the token.' },
    });
  });

  it('is fine when the connection is, and compiles nothing', async () => {
    const services = { compileProject: () => Promise.reject(new Error('not needed')) };
    const { exitCode, stdout } = await runCli(['doctor'], { config: url, services });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('connected: http://127.0.0.1:3000\nEverything is fine.');
  });
});

describe('floe plugins', () => {
  it('says which plugin is used and why one is refused', async () => {
    const { module } = createFakePlugin();
    const services = {
      loadOrchestratorPlugin: (type: string): Promise<OrchestratorPluginModule> =>
        type === 'fake'
          ? Promise.resolve(module)
          : Promise.reject(new InputError({ code: 'PLUGIN_INCOMPATIBLE', message: 'too old', resolution: 'r' })),
    };
    const { exitCode, stdout } = await runCli(['plugins', '--output', 'json'], { services });
    expect(exitCode).toBe(0);
    const { result } = JSON.parse(stdout) as { result: { plugins: readonly { name: string; state: string }[] } };
    expect(result.plugins.map(({ name, state }) => `${name}: ${state}`)).toContain('dagster: refused: too old');
  });
});
