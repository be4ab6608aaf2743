import { afterEach, describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { startFaultServer, type Fault, type FaultServer, type ReceivedRequest } from '@floe/core/testing/fault-server';
import { systemClock } from '@floe/core/time/clock';
import { recorded, recordedData } from '../tests/support/dagster-recordings.js';
import { createDagsterClient } from './dagster-client.js';
import { dagsterConfigSchema } from './dagster-config.js';
import { checkConnection } from './dagster-connection.js';

let server: FaultServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Dagster {
  readonly version?: string;
  readonly daemons?: string;
  /** Seconds since the last heartbeat. */
  readonly silence?: number;
  readonly queuing?: boolean;
  readonly brokenLocation?: boolean;
  readonly readOnly?: boolean;
}

function json(data: unknown): Fault {
  return { kind: 'answer', headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) };
}

/** A webserver that answers as the recorded one, in the wanted state. */
function dagster(state: Dagster): (request: ReceivedRequest) => Fault {
  return ({ path, body }) => {
    if (path === '/server_info') return json(JSON.parse(recorded('server_info').text));
    if (path === '/') return { kind: 'answer', body: recorded('http-get-html').text };
    if (body.includes('query InstanceHealth')) return json({ data: health(state) });
    if (body.includes('query Workspace')) {
      const { workspaceOrError } = recordedData('workspace-broken-location');
      const none = { __typename: 'Workspace', locationEntries: [] };
      return json({ data: { workspaceOrError: state.brokenLocation === true ? workspaceOrError : none } });
    }
    const permission = {
      permission: 'launch_pipeline_execution',
      value: state.readOnly !== true,
      disabledReason: null,
    };
    return json({ data: { permissions: [permission] } });
  };
}

function health({ version = '1.13.27', daemons = 'daemonHealth-up', silence = 5, queuing = true }: Dagster): unknown {
  const { instance } = recordedData(daemons) as {
    instance: { daemonHealth: { allDaemonStatuses: { lastHeartbeatTime: number | null }[] } };
  };
  const statuses = instance.daemonHealth.allDaemonStatuses.map((daemon) => ({
    ...daemon,
    lastHeartbeatTime: daemon.lastHeartbeatTime === null ? null : Date.now() / 1_000 - silence,
  }));
  return {
    version,
    instance: {
      ...instance,
      runQueuingSupported: queuing,
      runLauncher: { name: 'DefaultRunLauncher' },
      supportsConcurrencyLimits: true,
      daemonHealth: { allDaemonStatuses: statuses },
    },
  };
}

async function check(choose: (request: ReceivedRequest) => Fault, timeoutMs = 10_000): Promise<ValidationResult> {
  server = await startFaultServer(choose);
  const settings = { headers: { authorization: 'Bearer Zq9-secret-canary' } };
  const http = createHttpClient(settings);
  const result = await checkConnection(
    {
      connection: { client: createDagsterClient(http, server.url, systemClock), http, settings },
      config: dagsterConfigSchema.parse({ url: server.url }),
      clock: systemClock,
      redactor: createRedactor(),
    },
    { signal: new AbortController().signal, timeoutMs },
  );
  expect(JSON.stringify(result)).not.toContain('Zq9-secret-canary');
  return result;
}

function outcomes(result: ValidationResult): Readonly<Record<string, string>> {
  return Object.fromEntries(result.details.steps.map(({ name, outcome }) => [name, outcome]));
}

describe('checkConnection', () => {
  it('passes every step of a healthy Dagster, and sends the credentials', async () => {
    const result = await check(dagster({}));
    expect(outcomes(result)).toEqual({
      resolve: 'passed',
      connect: 'passed',
      http: 'passed',
      product: 'passed',
      version: 'passed',
      health: 'passed',
      locations: 'passed',
      permissions: 'passed',
      queue: 'passed',
    });
    expect(result).toMatchObject({ success: true, details: { version: '1.13.27', warnings: [] } });
    expect(server?.requests.at(-1)?.headers.authorization).toBe('Bearer Zq9-secret-canary');
  });

  it.each<[string, Dagster, string, string]>([
    ['a daemon that never ran', { daemons: 'daemonHealth-never-started' }, 'health', 'never sent a heartbeat'],
    ['a daemon that died, although Dagster calls it healthy', { silence: 300 }, 'health', '300 s ago'],
    ['a broken code location', { brokenLocation: true }, 'locations', "No module named 'no_such_pkg_floe'"],
    ['no queue', { queuing: false }, 'queue', 'no run queue'],
    ['a Dagster of tomorrow', { version: '2.1.0' }, 'version', 'newer'],
  ])('warns of %s', async (_name, state, step, text) => {
    const result = await check(dagster(state));
    expect(result.success).toBe(true);
    expect(outcomes(result)).toMatchObject({ [step]: 'warned' });
    expect(result.message).toContain(text);
  });

  it.each<[string, (request: ReceivedRequest) => Fault, string, string]>([
    ['a read-only webserver', dagster({ readOnly: true }), 'permissions', 'CONNECTION_READ_ONLY'],
    ['an old Dagster', dagster({ version: '1.9.13' }), 'version', 'PLATFORM_VERSION'],
    [
      'a page of HTML for everything',
      () => ({ kind: 'answer', body: recorded('http-get-html').text }),
      'product',
      'CONNECTION_WRONG_ENDPOINT',
    ],
    ['another product that speaks JSON', () => json({ status: 'healthy' }), 'product', 'CONNECTION_WRONG_ENDPOINT'],
    ['a server without the path', () => ({ kind: 'answer', status: 404 }), 'product', 'CONNECTION_WRONG_ENDPOINT'],
    ['missing credentials', () => ({ kind: 'answer', status: 401 }), 'product', 'CONNECTION_UNAUTHORIZED'],
    ['a server that is not ready', () => ({ kind: 'answer', status: 503 }), 'http', 'PLATFORM_UNHEALTHY'],
    [
      'a login page behind a redirect',
      () => ({ kind: 'answer', status: 302, headers: { location: 'https://login.example/' } }),
      'http',
      'CONNECTION_WRONG_ENDPOINT',
    ],
    ['a connection that is reset', () => ({ kind: 'reset' }), 'http', 'CONNECTION_UNREACHABLE'],
  ])('fails for %s', async (_name, choose, step, code) => {
    const result = await check(choose);
    expect(result.success).toBe(false);
    const failed = result.details.steps.find(({ outcome }) => outcome === 'failed');
    expect(failed).toMatchObject({ name: step, code });
    expect(failed?.resolution).not.toBe('');
    expect(result.message).not.toMatch(/Error:|at \w+ \(/u);
  });

  it('ends within its time when the server is silent in the middle', async () => {
    const began = performance.now();
    const result = await check((request) => {
      return request.body.includes('query Workspace') ? { kind: 'hang' } : dagster({})(request);
    }, 700);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(outcomes(result)).toMatchObject({ health: 'passed', locations: 'failed', permissions: 'skipped' });
  });
});
