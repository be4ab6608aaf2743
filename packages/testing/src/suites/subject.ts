import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpClientFactory } from '@floe/core/http/http-client';
import { success } from '@floe/core/outcome/outcome';
import type { OrchestratorPlugin, OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { createPlugin } from '@floe/core/plugins/create-plugin';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import type { FaultProxy } from '../fault-proxy.js';
import type { PluginHarness } from '../plugin-harness.js';

/** The plugin under test, and how to reach an orchestrator with it. */
export interface Subject {
  readonly module: OrchestratorPluginModule;
  /** plugins.orchestrator.config that reaches the orchestrator at an address. */
  configFor(url: string): Readonly<Record<string, unknown>>;
}

/** A subject with a running orchestrator and a proxy before it; usable inside of tests only. */
export interface LiveSubject extends Subject {
  harness(): PluginHarness;
  proxy(): FaultProxy;
}

/** What the suite can see of an opened plugin. */
export interface OpenedPlugin {
  readonly plugin: OrchestratorPlugin;
  /** Secrets that must not show anywhere. */
  readonly secrets: readonly string[];
  /** Lines that the plugin logged. */
  readonly lines: readonly string[];
  /** How often a secret was asked for. */
  readonly secretsRead: () => number;
  /** How many requests were sent. */
  readonly requestsSent: () => number;
}

/** Looks like nothing that could stand in an answer by chance. */
export const defaultToken = 'fl03-c4nary-T0ken+/9x';
const reference = 'env:FLOE_TEST_CONNECTION';

/** Makes a plugin as the `floe` command does, with real time, real HTTP and a secret. */
export function openPlugin(
  subject: Subject,
  url: string,
  credentials: Readonly<Record<string, string>> = { token: defaultToken },
): OpenedPlugin {
  const lines: string[] = [];
  let read = 0;
  let sent = 0;
  const http: HttpClientFactory = (settings) => {
    const client = createHttpClient(settings);
    return {
      send: (request, options) => {
        sent += 1;
        return client.send(request, options);
      },
    };
  };
  const plugin = createPlugin(
    subject.module,
    { config: subject.configFor(url), connectionSecretRef: reference },
    {
      http,
      secrets: {
        resolve: () => {
          read += 1;
          return Promise.resolve(success(JSON.stringify(credentials)));
        },
      },
      clock: systemClock,
      random: systemRandom,
      redactor: createRedactor(),
      log: (line) => lines.push(line),
    },
  );
  return {
    plugin,
    lines,
    secrets: Object.entries(credentials)
      .filter(([key]) => key !== 'username')
      .map(([, value]) => value),
    secretsRead: () => read,
    requestsSent: () => sent,
  };
}

/** Options of a call that nobody aborts. */
export function call(timeoutMs: number): { signal: AbortSignal; timeoutMs: number } {
  return { signal: new AbortController().signal, timeoutMs };
}
