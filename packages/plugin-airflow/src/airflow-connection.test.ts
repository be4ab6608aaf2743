import { afterEach, describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { startFaultServer, type Fault, type FaultServer, type ReceivedRequest } from '@floe/core/testing/fault-server';
import { systemClock } from '@floe/core/time/clock';
import { recorded, recordedJson } from '../tests/support/airflow-recordings.js';
import { createAirflowClient } from './airflow-client.js';
import { checkConnection } from './airflow-connection.js';
import { createAirflowTokens } from './airflow-tokens.js';

let server: FaultServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Airflow {
  readonly version?: string;
  readonly health?: unknown;
  /** Recorded answers in place of those of a healthy Airflow, by path. */
  readonly instead?: Readonly<Record<string, string>>;
}

function json(data: unknown, status = 200): Fault {
  return { kind: 'answer', status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) };
}

function replay(name: string): Fault {
  const { status, headers, text } = recorded(name);
  return { kind: 'answer', status, headers, body: text };
}

/** A server that answers as the recorded one, in the wanted state. */
function airflow({ version = '3.3.2', health, instead = {} }: Airflow): (request: ReceivedRequest) => Fault {
  return ({ path: whole }) => {
    const path = whole.split('?', 1)[0] ?? '';
    const other = instead[path];
    if (other !== undefined) return replay(other);
    switch (path) {
      case '/auth/token':
        return replay('token-ok');
      case '/api/v2/version':
        return json({ version, git_version: null });
      case '/api/v2/monitor/health':
        return json(health ?? recordedJson('health-all-ok'));
      case '/api/v2/dags':
        return json({ dags: [], total_entries: 4 });
      case '/api/v2/importErrors':
        return json({ import_errors: [], total_entries: 0 });
      default:
        return replay('trigger-unknown-dag');
    }
  };
}

async function check(choose: (request: ReceivedRequest) => Fault, timeoutMs = 10_000): Promise<ValidationResult> {
  server = await startFaultServer(choose);
  const http = createHttpClient({});
  const credentials = { kind: 'basic', username: 'ann', password: 'Zq9-secret-canary' } as const;
  const redactor = createRedactor();
  const tokens = createAirflowTokens({ http, url: server.url, credentials, clock: systemClock, redactor });
  const client = createAirflowClient(http, server.url, tokens, systemClock);
  const call = { signal: new AbortController().signal, timeoutMs };
  const result = await checkConnection(
    { connection: { client, http, settings: {} }, clock: systemClock, redactor },
    call,
  );
  expect(JSON.stringify(result)).not.toContain('Zq9-secret-canary');
  return result;
}

function outcomes(result: ValidationResult): Readonly<Record<string, string>> {
  return Object.fromEntries(result.details.steps.map(({ name, outcome }) => [name, outcome]));
}

const allHealthy = recordedJson('health-all-ok');

describe('checkConnection', () => {
  it('passes every step of a healthy Airflow, and logs in', async () => {
    const result = await check(airflow({}));
    expect(outcomes(result)).toEqual({
      resolve: 'passed',
      connect: 'passed',
      http: 'passed',
      version: 'passed',
      health: 'passed',
      credentials: 'passed',
      permissions: 'passed',
      files: 'passed',
    });
    expect(result).toMatchObject({ success: true, details: { version: '3.3.2', warnings: [] } });
    expect(server?.requests.at(-1)?.headers.authorization).toBe('Bearer header.payload.signature');
  });

  it.each<[string, Airflow, string, string]>([
    ['a triggerer that died', { health: recordedJson('health-triggerer-dead') }, 'health', 'triggerer'],
    [
      'a triggerer that never started',
      { health: { ...allHealthy, triggerer: null } },
      'health',
      'never sent a heartbeat',
    ],
    [
      'a scheduler and a DAG processor that do not run',
      { health: { ...allHealthy, scheduler: { status: 'unhealthy' }, dag_processor: { status: null } } },
      'health',
      'scheduler (it has never sent a heartbeat), dag-processor',
    ],
    [
      'a database that does not answer',
      { health: { ...allHealthy, metadatabase: { status: 'unhealthy' } } },
      'health',
      'database',
    ],
    [
      'a broken DAG file',
      { instead: { '/api/v2/importErrors': 'import-errors' } },
      'files',
      'import broken on purpose',
    ],
    ['an Airflow of tomorrow', { version: '4.0.1' }, 'version', 'newer'],
  ])('warns of %s', async (_name, state, step, text) => {
    const result = await check(airflow(state));
    expect(result.success).toBe(true);
    expect(outcomes(result)).toMatchObject({ [step]: 'warned' });
    expect(result.message).toContain(text);
    expect(JSON.stringify(result)).not.toContain('/opt/airflow');
  });

  const unknown = { '/api/v2/dags/floe_permission_probe/dagRuns': 'config-forbidden' };

  it.each<[string, (request: ReceivedRequest) => Fault, string, string]>([
    ['an account that may only read', airflow({ instead: unknown }), 'permissions', 'CONNECTION_READ_ONLY'],
    [
      'a wrong password',
      airflow({ instead: { '/auth/token': 'token-bad-password' } }),
      'credentials',
      'CONNECTION_UNAUTHORIZED',
    ],
    [
      'a token of another secret',
      airflow({ instead: { '/api/v2/dags': 'garbage-token' } }),
      'credentials',
      'CONNECTION_UNAUTHORIZED',
    ],
    [
      'a role without rights',
      airflow({ instead: { '/api/v2/dags': 'config-forbidden' } }),
      'credentials',
      'CONNECTION_FORBIDDEN',
    ],
    ['an old Airflow 3', airflow({ version: '3.0.6' }), 'version', 'PLATFORM_VERSION'],
    [
      'Airflow 2',
      ({ path }) => (path === '/api/v1/version' ? json({ version: '2.10.4' }) : json({ detail: 'Not Found' }, 404)),
      'version',
      'PLATFORM_VERSION',
    ],
    ['a wrong path', () => json({ detail: 'Not Found' }, 404), 'version', 'CONNECTION_WRONG_ENDPOINT'],
    [
      'a page of HTML for everything',
      () => ({ kind: 'answer', body: '<!doctype html>' }),
      'version',
      'CONNECTION_WRONG_ENDPOINT',
    ],
    ['another product that speaks JSON', () => json({ status: 'ok' }), 'version', 'PLATFORM_ANSWER_INVALID'],
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
    const result = await check(
      (request) => (request.path.startsWith('/api/v2/dags?') ? { kind: 'hang' } : airflow({})(request)),
      700,
    );
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(outcomes(result)).toMatchObject({ health: 'passed', credentials: 'failed', permissions: 'skipped' });
  });
});
