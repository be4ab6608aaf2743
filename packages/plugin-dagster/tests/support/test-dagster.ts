import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { LocalPlatformState } from '@floe/core/plugin-interfaces';
import { endGroup, spawnGroup, type ProcessGroup } from '@floe/core/process/process-group';
import type { PythonEnvironment } from '@floe/core/python/python-environment';
import { systemClock } from '@floe/core/time/clock';
import { within } from '@floe/test-products/repository';
import { pluginContext, StartedPlatform, type TestPlatform } from '@floe/test-products/test-platform';
import { waitFor } from '@floe/test-products/wait-for';
import { runLogsAnswer } from '../../src/dagster-answers.js';
import { createDagsterClient, type DagsterClient } from '../../src/dagster-client.js';
import { pythonDirectory } from '../../src/dagster-loader.js';
import { createLocalDagster } from '../../src/dagster-local.js';
import { DagsterPlugin } from '../../src/dagster-plugin.js';
import { pythonEnvironment } from '../../src/dagster-python-environment.js';
import { RunLogsDocument } from '../../src/generated/graphql.js';

/** A real Dagster. */
export class TestDagster implements TestPlatform {
  readonly client: DagsterClient;
  readonly #started: StartedPlatform;
  #webserver: ProcessGroup | undefined;

  private constructor(started: StartedPlatform) {
    this.#started = started;
    this.client = createDagsterClient(createHttpClient({}), started.state.url, systemClock);
  }

  static async start(): Promise<TestDagster> {
    return new TestDagster(await StartedPlatform.start(createLocalDagster(), pythonEnvironment('duckdb')));
  }

  /** Dagster's own webserver on the settings of the local platform, and nothing that runs what is launched. */
  static async startWithoutDaemon(): Promise<TestDagster> {
    const whole = await TestDagster.start();
    await whole.halt();
    const { directory, dataDirectory, url } = whole.state;
    const { home } = whole.#started;
    const instance = join(home, 'instance');
    // The heartbeats of a moment ago would look like a daemon that lives.
    for (const name of await readdir(instance)) {
      if (name !== 'dagster.yaml') await rm(join(instance, name), { recursive: true });
    }
    const group = await spawnGroup(
      {
        command: join(whole.environment.binDirectory, 'dagster-webserver'),
        args: ['-h', '127.0.0.1', '-p', new URL(url).port, '-w', join(directory, 'workspace.yaml')],
        cwd: directory,
        env: {
          ...process.env,
          DAGSTER_HOME: instance,
          FLOE_DATA_DIR: dataDirectory,
          PYTHONPATH: join(pythonDirectory, 'local'),
        },
      },
      join(home, 'webserver.log'),
    );
    if (!group.ok) throw new TypeError(group.failure.message);
    whole.#webserver = group.value;
    await waitFor('the webserver', 90, async () => {
      const answer = await whole.client.get('/server_info', within(5));
      return answer.ok && answer.value.status === 200 ? true : undefined;
    });
    return whole;
  }

  get environment(): PythonEnvironment {
    return this.#started.environment;
  }

  get state(): LocalPlatformState {
    return this.#started.state;
  }

  plugin(config: Readonly<Record<string, unknown>> = {}): DagsterPlugin {
    return new DagsterPlugin(pluginContext({ ...this.state.config, ...config }));
  }

  /** The process in which a run executes, as its event log tells it. */
  async workerOf(runId: string): Promise<number> {
    return waitFor(`the process of run ${runId}`, 60, async () => {
      const variables = { runId, cursor: null, limit: 1_000 };
      const answer = await this.client.execute(RunLogsDocument, variables, runLogsAnswer, within(10));
      if (!answer.ok || answer.value.logsForRun.__typename !== 'EventConnection') return undefined;
      const text = answer.value.logsForRun.events.map(({ message }) => message).join('\n');
      const pid = /Started process for run \(pid: (\d+)\)/u.exec(text)?.[1];
      return pid === undefined ? undefined : Number(pid);
    });
  }

  async halt(): Promise<void> {
    if (this.#webserver !== undefined) await endGroup(this.#webserver.pid, 10_000, this.#webserver.startMark);
    await this.#started.halt();
  }

  async stop(): Promise<void> {
    await this.halt();
    await this.#started.stop();
  }
}
