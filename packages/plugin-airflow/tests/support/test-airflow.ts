import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPlatformState } from '@floe/core/plugin-interfaces';
import type { PythonEnvironment } from '@floe/core/python/python-environment';
import { childrenOf } from '@floe/test-products/processes';
import { within } from '@floe/test-products/repository';
import { pluginContext, StartedPlatform, type TestPlatform } from '@floe/test-products/test-platform';
import { z } from 'zod';
import type { AirflowClient } from '../../src/airflow-client.js';
import { airflowConfigSchema } from '../../src/airflow-config.js';
import { createLocalAirflow } from '../../src/airflow-local.js';
import { credentialsFile } from '../../src/airflow-local-settings.js';
import { AirflowPlugin } from '../../src/airflow-plugin.js';
import { pythonEnvironment } from '../../src/airflow-python-environment.js';
import { readTask } from '../../src/airflow-runs.js';
import { openConnection } from '../../src/airflow-session.js';

/** A real Airflow. */
export class TestAirflow implements TestPlatform {
  readonly client: AirflowClient;
  readonly #started: StartedPlatform;

  private constructor(started: StartedPlatform, client: AirflowClient) {
    this.#started = started;
    this.client = client;
  }

  static async start(): Promise<TestAirflow> {
    const started = await StartedPlatform.start(createLocalAirflow(), pythonEnvironment('duckdb'));
    const { config } = started.state;
    const connection = await openConnection(airflowConfigSchema.parse(config), pluginContext(config), within(10));
    if (connection.ok) return new TestAirflow(started, connection.value.client);
    await started.stop();
    throw connection.failure;
  }

  get environment(): PythonEnvironment {
    return this.#started.environment;
  }

  get state(): LocalPlatformState {
    return this.#started.state;
  }

  plugin(config: Readonly<Record<string, unknown>> = {}): AirflowPlugin {
    return new AirflowPlugin(pluginContext({ ...this.state.config, ...config }));
  }

  /** The process of a part of Airflow: `scheduler`, `dag-processor`, `triggerer` or `api-server`. */
  part(name: string): number {
    const found = childrenOf(this.state.processGroup).find(({ command }) => command.startsWith(`airflow ${name}`));
    if (found === undefined) throw new TypeError(`The ${name} does not run.`);
    return found.pid;
  }

  /** The process in which a run of a product executes. */
  async workerOf(dagId: string, runId: string): Promise<number> {
    const build = await readTask(this.client, { dagId, runId }, 'build', within(10));
    if (!build.ok || build.value?.pid == null) throw new TypeError('The task has a process.');
    return build.value.pid;
  }

  /** User and password. */
  async credentials(): Promise<{ readonly username: string; readonly password: string }> {
    const text = await readFile(credentialsFile(join(this.#started.home, 'instance')), 'utf8');
    return z.object({ username: z.string(), password: z.string() }).parse(JSON.parse(text));
  }

  async halt(): Promise<void> {
    await this.#started.halt();
  }

  async stop(): Promise<void> {
    await this.#started.stop();
  }
}
