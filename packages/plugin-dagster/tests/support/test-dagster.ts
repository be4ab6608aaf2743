import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { LocalPlatformState } from '@floe/core/plugin-interfaces';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import { endGroup, spawnGroup, type ProcessGroup } from '@floe/core/process/process-group';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { createDagsterClient, type DagsterClient } from '../../src/dagster-client.js';
import { pythonDirectory } from '../../src/dagster-loader.js';
import { createLocalDagster } from '../../src/dagster-local.js';
import { DagsterPlugin } from '../../src/dagster-plugin.js';
import { waitFor } from './wait-for.js';
import { pythonEnvironment } from '../../src/dagster-python-environment.js';

export const repositoryRoot = resolve(import.meta.dirname, '../../../..');

/** The Python environments of the checkout, which are made once. */
const environmentHome = join(repositoryRoot, '.floe');

/** A call with a limit of its own. */
export function within(seconds: number): CallOptions {
  return { signal: new AbortController().signal, timeoutMs: seconds * 1_000 };
}

/** A real Dagster in a temporary folder; several products can share it. */
export class TestDagster {
  readonly home: string;
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  readonly client: DagsterClient;
  #webserver: ProcessGroup | undefined;

  private constructor(home: string, environment: PythonEnvironment, state: LocalPlatformState) {
    this.home = home;
    this.environment = environment;
    this.state = state;
    this.client = createDagsterClient(createHttpClient({}), state.url, systemClock);
  }

  static async start(): Promise<TestDagster> {
    const environment = await ensurePythonEnvironment(
      pythonEnvironment('duckdb'),
      { home: environmentHome, log: () => undefined, clock: systemClock },
      within(600),
    );
    const home = await mkdtemp(join(tmpdir(), 'floe-dagster-'));
    try {
      const state = await createLocalDagster().start(options(home, environment), within(120));
      return new TestDagster(home, environment, state);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** Dagster's own webserver on the settings of the local platform, and nothing that runs what is launched. */
  static async startWithoutDaemon(): Promise<TestDagster> {
    const whole = await TestDagster.start();
    await createLocalDagster().stop(options(whole.home, whole.environment), within(60));
    const { directory, dataDirectory, url } = whole.state;
    const instance = join(whole.home, 'instance');
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
      join(whole.home, 'webserver.log'),
    );
    if (!group.ok) throw new TypeError(group.failure.message);
    whole.#webserver = group.value;
    await waitFor('the webserver', 90, async () => {
      const answer = await whole.client.get('/server_info', within(5));
      return answer.ok && answer.value.status === 200 ? true : undefined;
    });
    return whole;
  }

  /** Ends everything that was started and removes its files. */
  async stop(): Promise<void> {
    if (this.#webserver !== undefined) await endGroup(this.#webserver.pid, 10_000, this.#webserver.startMark);
    await createLocalDagster().stop(options(this.home, this.environment), within(60));
    await rm(this.home, { recursive: true, force: true });
  }

  /** A plugin of its own, as another client would have. */
  plugin(config: Readonly<Record<string, unknown>> = {}): DagsterPlugin {
    return new DagsterPlugin({
      config: { ...this.state.config, ...config },
      connectionSecretRef: null,
      secrets: createSecretResolver({ env: {}, readFile: () => Promise.reject(new TypeError('no files here')) }),
      http: createHttpClient,
      clock: systemClock,
      random: systemRandom,
      redactor: createRedactor(),
      log: () => undefined,
    });
  }
}

function options(
  home: string,
  environment: PythonEnvironment,
): Parameters<ReturnType<typeof createLocalDagster>['start']>[0] {
  return { home, binDirectory: environment.binDirectory, adapter: 'duckdb', log: () => undefined };
}
