import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpClientFactory } from '@floe/core/http/http-client';
import type {
  LocalPlatform,
  LocalPlatformOptions,
  LocalPlatformState,
  OrchestratorPlugin,
  PluginContext,
  PythonEnvironmentSpec,
} from '@floe/core/plugin-interfaces';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { sharedHome, within } from './repository.js';

/** A real orchestrator in a temporary folder; several products can share it. */
export interface TestPlatform {
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  /** A plugin of its own, as another client would have. */
  plugin(config?: Readonly<Record<string, unknown>>): OrchestratorPlugin;
  /** Ends its processes; its files stay. */
  halt(): Promise<void>;
  /** Ends its processes and removes its files. */
  stop(): Promise<void>;
}

/** A local platform of a plugin that a test has started. */
export class StartedPlatform {
  readonly home: string;
  readonly environment: PythonEnvironment;
  readonly state: LocalPlatformState;
  readonly #local: LocalPlatform;

  private constructor(local: LocalPlatform, home: string, environment: PythonEnvironment, state: LocalPlatformState) {
    this.#local = local;
    this.home = home;
    this.environment = environment;
    this.state = state;
  }

  /** @param specification the Python environment, which is made once for the checkout */
  static async start(local: LocalPlatform, specification: PythonEnvironmentSpec): Promise<StartedPlatform> {
    const environment = await testEnvironment(specification);
    const home = await mkdtemp(join(tmpdir(), 'floe-platform-'));
    try {
      const state = await local.start(optionsOf(home, environment), within(120));
      return new StartedPlatform(local, home, environment, state);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  async halt(): Promise<void> {
    await this.#local.stop(optionsOf(this.home, this.environment), within(60));
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.home, { recursive: true, force: true });
  }
}

/** A Python environment of the checkout. */
export function testEnvironment(specification: PythonEnvironmentSpec): Promise<PythonEnvironment> {
  const context = { home: sharedHome, log: () => undefined, clock: systemClock };
  return ensurePythonEnvironment(specification, context, within(600));
}

/** What a plugin gets, with the real clock and network, and secrets in files. */
export function pluginContext(
  config: Readonly<Record<string, unknown>>,
  http: HttpClientFactory = createHttpClient,
): PluginContext {
  return {
    config,
    connectionSecretRef: null,
    secrets: createSecretResolver({ env: {}, readFile: (path) => readFile(path, 'utf8') }),
    http,
    clock: systemClock,
    random: systemRandom,
    redactor: createRedactor(),
    log: () => undefined,
  };
}

function optionsOf(home: string, { binDirectory }: PythonEnvironment): LocalPlatformOptions {
  return { home, binDirectory, adapter: 'duckdb', log: () => undefined };
}
