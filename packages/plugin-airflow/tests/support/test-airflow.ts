import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { LocalPlatformState, PluginContext } from '@floe/core/plugin-interfaces';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import type { AirflowClient } from '../../src/airflow-client.js';
import { airflowConfigSchema } from '../../src/airflow-config.js';
import { createLocalAirflow } from '../../src/airflow-local.js';
import { credentialsFile } from '../../src/airflow-local-settings.js';
import { childrenOf } from './processes.js';
import { AirflowPlugin } from '../../src/airflow-plugin.js';
import { openConnection } from '../../src/airflow-session.js';
import { z } from 'zod';
import { pythonEnvironment } from '../../src/airflow-python-environment.js';

export const repositoryRoot = resolve(import.meta.dirname, '../../../..');

/** The Python environments of the checkout, which are made once. */
const environmentHome = join(repositoryRoot, '.floe');

/** A call with a limit of its own. */
export function within(seconds: number): CallOptions {
  return { signal: new AbortController().signal, timeoutMs: seconds * 1_000 };
}

/** A real Airflow in a temporary folder; several products can share it. */
export class TestAirflow {
  readonly home: string;
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  readonly client: AirflowClient;

  private constructor(home: string, environment: PythonEnvironment, state: LocalPlatformState, client: AirflowClient) {
    this.home = home;
    this.environment = environment;
    this.state = state;
    this.client = client;
  }

  static async start(): Promise<TestAirflow> {
    const environment = await ensurePythonEnvironment(
      pythonEnvironment('duckdb'),
      { home: environmentHome, log: () => undefined, clock: systemClock },
      within(600),
    );
    const home = await mkdtemp(join(tmpdir(), 'floe-airflow-'));
    try {
      const state = await createLocalAirflow().start(options(home, environment), within(120));
      const connection = await openConnection(
        airflowConfigSchema.parse(state.config),
        contextOf(state.config),
        within(10),
      );
      if (!connection.ok) throw connection.failure;
      return new TestAirflow(home, environment, state, connection.value.client);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends everything that was started; its files stay. */
  async halt(): Promise<void> {
    await createLocalAirflow().stop(options(this.home, this.environment), within(60));
  }

  /** Ends everything that was started and removes its files. */
  async stop(): Promise<void> {
    await this.halt();
    await rm(this.home, { recursive: true, force: true });
  }

  /** The process of a part of Airflow: `scheduler`, `dag-processor`, `triggerer` or `api-server`. */
  part(name: string): number {
    const found = childrenOf(this.state.processGroup).find(({ command }) => command.startsWith(`airflow ${name}`));
    if (found === undefined) throw new TypeError(`The ${name} does not run.`);
    return found.pid;
  }

  /** User and password. */
  async credentials(): Promise<{ readonly username: string; readonly password: string }> {
    const text = await readFile(credentialsFile(join(this.home, 'instance')), 'utf8');
    return z.object({ username: z.string(), password: z.string() }).parse(JSON.parse(text));
  }

  /** A plugin of its own, as another client would have. */
  plugin(config: Readonly<Record<string, unknown>> = {}): AirflowPlugin {
    return new AirflowPlugin(contextOf({ ...this.state.config, ...config }));
  }
}

function contextOf(config: Readonly<Record<string, unknown>>): PluginContext {
  return {
    config,
    connectionSecretRef: null,
    secrets: createSecretResolver({ env: {}, readFile: (path) => readFile(path, 'utf8') }),
    http: createHttpClient,
    clock: systemClock,
    random: systemRandom,
    redactor: createRedactor(),
    log: () => undefined,
  };
}

function options(
  home: string,
  environment: PythonEnvironment,
): Parameters<ReturnType<typeof createLocalAirflow>['start']>[0] {
  return { home, binDirectory: environment.binDirectory, adapter: 'duckdb', log: () => undefined };
}
