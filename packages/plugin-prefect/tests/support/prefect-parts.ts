import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { LocalPlatformState } from '@floe/core/plugin-interfaces';
import { endGroup, spawnGroup, type ProcessGroup } from '@floe/core/process/process-group';
import type { PythonEnvironment } from '@floe/core/python/python-environment';
import { readyAnswer, workersAnswer } from '../../src/prefect-answers.js';
import { localPrefectSettings, localWorkPool } from '../../src/prefect-local-settings.js';
import { freePort } from '@floe/core/process/free-ports';
import { within } from '@floe/test-products/repository';
import { testEnvironment } from '@floe/test-products/test-platform';
import type { PrefectClient } from '../../src/prefect-client.js';
import { pythonEnvironment } from '../../src/prefect-python-environment.js';
import { clientOf, type PrefectProcesses } from './test-prefect.js';
import { waitFor } from '@floe/test-products/wait-for';

const authString = 'floe:parts';

/** A server and a worker that are started and ended one by one. */
export class PrefectParts implements PrefectProcesses {
  readonly home: string;
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  #server: ProcessGroup | undefined;
  #worker: ProcessGroup | undefined;
  readonly #client: PrefectClient;
  readonly #database: string | undefined;

  private constructor(
    home: string,
    environment: PythonEnvironment,
    state: LocalPlatformState,
    database: string | undefined,
  ) {
    this.home = home;
    this.environment = environment;
    this.state = state;
    this.#client = clientOf(state, authString);
    this.#database = database;
  }

  /** @param database address of a database; default is SQLite in the folder */
  static async prepare(database?: string): Promise<PrefectParts> {
    const environment = await testEnvironment(pythonEnvironment('duckdb'));
    const home = await mkdtemp(join(tmpdir(), 'floe-prefect-parts-'));
    const directory = join(home, 'delivery');
    const dataDirectory = join(home, 'data');
    for (const folder of [directory, dataDirectory]) await mkdir(folder);
    await writeFile(join(home, 'auth-string'), authString, { mode: 0o600 });
    const url = `http://127.0.0.1:${await freePort()}`;
    const config = {
      url: `${url}/api`,
      auth_string: `file:${join(home, 'auth-string')}`,
      work_pool: localWorkPool,
      delivery: { kind: 'directory', path: directory },
    };
    const startedAt = new Date().toISOString();
    const state = { orchestrator: 'prefect', url, processGroup: 0, directory, dataDirectory, config, startedAt };
    return new PrefectParts(home, environment, state, database);
  }

  async startServer(): Promise<void> {
    const { port } = new URL(this.state.url);
    this.#server = await this.#spawn('server', ['server', 'start', '--no-ui', '--host', '127.0.0.1', '--port', port]);
    await waitFor('the server', 120, async () => {
      const answer = await this.#client.ask({ method: 'GET', path: '/ready', patient: false }, readyAnswer, within(5));
      return answer.ok ? true : undefined;
    });
  }

  async stopServer(): Promise<void> {
    if (this.#server !== undefined) await endGroup(this.#server.pid, 10_000, this.#server.startMark);
    this.#server = undefined;
  }

  /** Starts a worker and waits for its heartbeat. @returns its process */
  async startWorker(): Promise<number> {
    const began = Date.now();
    this.#worker = await this.#spawn('worker', ['worker', 'start', '--pool', localWorkPool, '--type', 'process']);
    await waitFor('the worker', 60, async () => {
      const path = `/work_pools/${localWorkPool}/workers/filter`;
      const answer = await this.#client.ask({ method: 'POST', path, json: {} }, workersAnswer, within(5));
      const isAlive = answer.ok && answer.value.some(({ last_heartbeat_time: at }) => Date.parse(at ?? '') >= began);
      return isAlive ? true : undefined;
    });
    return this.#worker.pid;
  }

  async halt(): Promise<void> {
    if (this.#worker !== undefined) await endGroup(this.#worker.pid, 10_000, this.#worker.startMark);
    await this.stopServer();
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.home, { recursive: true, force: true });
  }

  async #spawn(name: string, args: readonly string[]): Promise<ProcessGroup> {
    const { binDirectory, python } = this.environment;
    const group = await spawnGroup(
      {
        command: python,
        args: ['-m', 'prefect', ...args],
        cwd: this.home,
        env: {
          ...process.env,
          PATH: [binDirectory, process.env.PATH].join(delimiter),
          PREFECT_HOME: join(this.home, 'instance'),
          PREFECT_API_URL: `${this.state.url}/api`,
          PREFECT_API_AUTH_STRING: authString,
          PREFECT_SERVER_API_AUTH_STRING: authString,
          ...localPrefectSettings,
          ...(this.#database !== undefined && { PREFECT_API_DATABASE_CONNECTION_URL: this.#database }),
          FLOE_DATA_DIR: this.state.dataDirectory,
          PYTHONDONTWRITEBYTECODE: '1',
        },
      },
      join(this.home, `${name}.log`),
    );
    if (!group.ok) throw new TypeError(group.failure.message);
    return group.value;
  }
}
