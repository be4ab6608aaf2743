import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpClientFactory } from '@floe/core/http/http-client';
import type { LocalPlatformState } from '@floe/core/plugin-interfaces';
import type { PythonEnvironment } from '@floe/core/python/python-environment';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { within } from '@floe/test-products/repository';
import { pluginContext, StartedPlatform, type TestPlatform } from '@floe/test-products/test-platform';
import type { z } from 'zod';
import { createPrefectClient, type PrefectClient } from '../../src/prefect-client.js';
import { createLocalPrefect } from '../../src/prefect-local.js';
import { PrefectPlugin } from '../../src/prefect-plugin.js';
import { pythonEnvironment } from '../../src/prefect-python-environment.js';

/** What a Prefect consists of that runs for a test. */
export interface PrefectProcesses {
  readonly home: string;
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  halt(): Promise<void>;
  stop(): Promise<void>;
}

/** A real Prefect. */
export class TestPrefect implements TestPlatform {
  readonly client: PrefectClient;
  /** `user:password` of its server. */
  readonly authString: string;
  readonly #processes: PrefectProcesses;

  private constructor(processes: PrefectProcesses, authString: string) {
    this.#processes = processes;
    this.authString = authString;
    this.client = clientOf(processes.state, authString);
  }

  static async start(): Promise<TestPrefect> {
    return TestPrefect.of(await StartedPlatform.start(createLocalPrefect(), pythonEnvironment('duckdb')));
  }

  /** A Prefect whose processes are started in another way. */
  static async of(processes: PrefectProcesses): Promise<TestPrefect> {
    return new TestPrefect(processes, (await readFile(join(processes.home, 'auth-string'), 'utf8')).trim());
  }

  get environment(): PythonEnvironment {
    return this.#processes.environment;
  }

  get state(): LocalPlatformState {
    return this.#processes.state;
  }

  plugin(config: Readonly<Record<string, unknown>> = {}, http: HttpClientFactory = createHttpClient): PrefectPlugin {
    return new PrefectPlugin(pluginContext({ ...this.state.config, ...config }, http));
  }

  /** Asks Prefect itself. @throws when it does not answer as expected */
  async ask<Schema extends z.ZodType>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    schema: Schema,
    json?: unknown,
  ): Promise<z.infer<Schema>> {
    const answer = await this.client.ask({ method, path, ...(json !== undefined && { json }) }, schema, within(30));
    if (!answer.ok) throw new TypeError(`${method} ${path}: ${answer.failure.message}`);
    return answer.value;
  }

  async halt(): Promise<void> {
    await this.#processes.halt();
  }

  async stop(): Promise<void> {
    await this.#processes.stop();
  }
}

/** A client for a server with basic authentication. */
export function clientOf({ url }: Pick<LocalPlatformState, 'url'>, authString: string): PrefectClient {
  const authorization = `Basic ${Buffer.from(authString).toString('base64')}`;
  const http = createHttpClient({ headers: { authorization } });
  return createPrefectClient(http, `${url}/api`, { clock: systemClock, random: systemRandom });
}
