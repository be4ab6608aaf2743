import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpClientFactory } from '@floe/core/http/http-client';
import type { LocalPlatformOptions, LocalPlatformState } from '@floe/core/plugin-interfaces';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { z } from 'zod';
import { createPrefectClient, type PrefectClient } from '../../src/prefect-client.js';
import { createLocalPrefect } from '../../src/prefect-local.js';
import { PrefectPlugin } from '../../src/prefect-plugin.js';
import { pythonEnvironment } from '../../src/prefect-python-environment.js';

export const repositoryRoot = resolve(import.meta.dirname, '../../../..');

/** The Python environments of the checkout, which are made once. */
const environmentHome = join(repositoryRoot, '.floe');

/** A call with a limit of its own. */
export function within(seconds: number): CallOptions {
  return { signal: new AbortController().signal, timeoutMs: seconds * 1_000 };
}

/** The locked environment with Prefect and dbt. */
export function testEnvironment(): Promise<PythonEnvironment> {
  return ensurePythonEnvironment(
    pythonEnvironment('duckdb'),
    { home: environmentHome, log: () => undefined, clock: systemClock },
    within(600),
  );
}

/** A real Prefect in a temporary folder; several products can share it. */
export class TestPrefect {
  readonly home: string;
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  readonly client: PrefectClient;
  /** `user:password` of its server. */
  readonly authString: string;

  protected constructor(home: string, environment: PythonEnvironment, state: LocalPlatformState, authString: string) {
    this.home = home;
    this.environment = environment;
    this.state = state;
    this.authString = authString;
    const authorization = `Basic ${Buffer.from(authString).toString('base64')}`;
    const context = { clock: systemClock, random: systemRandom };
    this.client = createPrefectClient(createHttpClient({ headers: { authorization } }), `${state.url}/api`, context);
  }

  static async start(): Promise<TestPrefect> {
    const environment = await testEnvironment();
    const home = await mkdtemp(join(tmpdir(), 'floe-prefect-'));
    try {
      const state = await createLocalPrefect().start(options(home, environment), within(120));
      const authString = (await readFile(join(home, 'auth-string'), 'utf8')).trim();
      return new TestPrefect(home, environment, state, authString);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends everything that was started and removes its files. */
  async stop(): Promise<void> {
    await createLocalPrefect().stop(options(this.home, this.environment), within(60));
    await rm(this.home, { recursive: true, force: true });
  }

  /** A plugin of its own, as another client would have. */
  plugin(config: Readonly<Record<string, unknown>> = {}, http: HttpClientFactory = createHttpClient): PrefectPlugin {
    return new PrefectPlugin({
      config: { ...this.state.config, ...config },
      connectionSecretRef: null,
      secrets: createSecretResolver({ env: {}, readFile: (path) => readFile(path, 'utf8') }),
      http,
      clock: systemClock,
      random: systemRandom,
      redactor: createRedactor(),
      log: () => undefined,
    });
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
}

function options(home: string, environment: PythonEnvironment): LocalPlatformOptions {
  return { home, binDirectory: environment.binDirectory, adapter: 'duckdb', log: () => undefined };
}
