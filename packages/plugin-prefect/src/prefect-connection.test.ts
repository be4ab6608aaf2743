import { afterEach, describe, expect, it } from '@jest/globals';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpResponse } from '@floe/core/http/http-client';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { startFaultServer, type Fault, type FaultServer } from '@floe/core/testing/fault-server';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { z } from 'zod';
import { answer, recorded, recordedBody } from '../tests/support/prefect-recordings.js';
import { createPrefectClient } from './prefect-client.js';
import { prefectConfigSchema, type PrefectConfig } from './prefect-config.js';
import { checkConnection } from './prefect-connection.js';

let server: FaultServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const fields = z.record(z.string(), z.unknown());
const pool = recordedBody('pool-read-after-worker', fields);
const workers = (age: number): HttpResponse =>
  answer(
    z
      .array(fields)
      .parse(JSON.parse(recorded('workers-filter').text))
      .map((worker) => ({ ...worker, last_heartbeat_time: new Date(Date.now() - age * 1_000).toISOString() })),
  );

/** A healthy server as it was recorded. */
const healthy: Readonly<Record<string, HttpResponse>> = {
  'GET /api': recorded('404-wrong-base'),
  'GET /api/ready': recorded('ready-noauth'),
  'POST /api/flows/count': answer(3),
  'GET /api/admin/version': recorded('admin-version'),
  'GET /api/work_pools/floe': answer(pool),
  'POST /api/work_pools/floe/workers/filter': workers(5),
};

function toFault({ status, headers, text }: HttpResponse): Fault {
  return { kind: 'answer', status, headers, body: text };
}

interface Check {
  readonly replies?: Readonly<Record<string, HttpResponse | Fault>>;
  readonly path?: string;
  readonly config?: Partial<PrefectConfig>;
  readonly timeoutMs?: number;
}

async function check({
  replies = {},
  path = '/api',
  config = {},
  timeoutMs = 10_000,
}: Check): Promise<ValidationResult> {
  const all: Readonly<Record<string, HttpResponse | Fault>> = { ...healthy, ...replies };
  server = await startFaultServer(({ method, path: asked }) => {
    const reply = all[`${method} ${asked.split('?')[0] ?? ''}`] ?? all['*'] ?? recorded('404-wrong-base');
    return 'kind' in reply ? reply : toFault(reply);
  });
  const url = `${server.url}${path}`;
  const settings = { headers: { authorization: 'Basic Zq9-secret-canary' } };
  const http = createHttpClient(settings);
  const client = createPrefectClient(http, url, { clock: systemClock, random: systemRandom });
  const result = await checkConnection(
    {
      connection: { client, http, settings },
      config: { ...prefectConfigSchema.parse({ url }), ...config },
      clock: systemClock,
      redactor: createRedactor(),
    },
    { signal: new AbortController().signal, timeoutMs },
  );
  expect(JSON.stringify(result)).not.toContain('canary');
  return result;
}

describe('checkConnection', () => {
  it('passes every step of a healthy server, and tells its version', async () => {
    const result = await check({});
    expect(result).toMatchObject({ success: true, details: { version: '3.9.1', warnings: [] } });
    expect(result.details.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'resolve passed',
      'connect passed',
      'http passed',
      'product passed',
      'credentials passed',
      'version passed',
      'pool passed',
      'worker passed',
    ]);
  });

  const html = { status: 200, headers: { 'content-type': 'text/html' }, text: '<!doctype html><title>UI</title>' };
  it.each<[string, Check, string, string, string]>([
    [
      'an address without /api',
      { path: '', replies: { '*': recorded('404-wrong-base') } },
      'product',
      'CONNECTION_WRONG_ENDPOINT',
      '/api',
    ],
    [
      'the page instead of the API',
      { path: '', replies: { '*': html } },
      'product',
      'CONNECTION_WRONG_ENDPOINT',
      '/api',
    ],
    [
      'another program below /api',
      { replies: { 'GET /api/ready': html } },
      'product',
      'CONNECTION_WRONG_ENDPOINT',
      'base path',
    ],
    [
      'a server without its database',
      { replies: { 'GET /api/ready': recorded('503-sqlite') } },
      'product',
      'PLATFORM_UNHEALTHY',
      'database',
    ],
    [
      'wrong credentials',
      { replies: { 'POST /api/flows/count': recorded('401-wrong-password') } },
      'credentials',
      'CONNECTION_UNAUTHORIZED',
      'auth_string',
    ],
    [
      'a wrong API key',
      { config: { api_key: 'env:KEY' }, replies: { 'POST /api/flows/count': recorded('401-wrong-password') } },
      'credentials',
      'CONNECTION_UNAUTHORIZED',
      'api_key',
    ],
    [
      'a token that is not taken',
      {
        replies: {
          'POST /api/flows/count': recorded('csrf-post-bad-token'),
          'GET /api/csrf-token': recorded('csrf-token'),
        },
      },
      'credentials',
      'CONNECTION_FORBIDDEN',
      'Prefect-Csrf',
    ],
    [
      'another version of the interface',
      { replies: { 'POST /api/flows/count': recorded('apiversion-0.7.0') } },
      'credentials',
      'PLATFORM_VERSION',
      'version',
    ],
    [
      'an old Prefect',
      { replies: { 'GET /api/admin/version': answer('3.4.2') } },
      'version',
      'PLATFORM_VERSION',
      'Upgrade',
    ],
    [
      'a pool of another type',
      { replies: { 'GET /api/work_pools/floe': answer({ ...pool, type: 'kubernetes' }) } },
      'pool',
      'INVALID_VALUE',
      'work_pool_type',
    ],
  ])('tells %s', async (_, given, step, code, words) => {
    const result = await check(given);
    expect(result.success).toBe(false);
    const found = result.details.steps.find(({ outcome }) => outcome === 'failed');
    expect(found).toMatchObject({ name: step, code });
    expect(`${found?.message ?? ''} ${found?.resolution ?? ''}`).toContain(words);
  });

  it.each<[string, Check, string]>([
    [
      'a pool that does not exist yet',
      { replies: { 'GET /api/work_pools/floe': recorded('pool-404') } },
      'floe deploy',
    ],
    ['a paused pool', { replies: { 'GET /api/work_pools/floe': answer({ ...pool, is_paused: true }) } }, 'paused'],
    [
      'a worker that Prefect still calls online',
      { replies: { 'POST /api/work_pools/floe/workers/filter': workers(300) } },
      'sent its last heartbeat',
    ],
    [
      'a pool without workers',
      { replies: { 'POST /api/work_pools/floe/workers/filter': answer([]) } },
      'never had one',
    ],
    ['a newer Prefect', { replies: { 'GET /api/admin/version': answer('4.0.0') } }, 'newer'],
  ])('warns of %s', async (_, given, words) => {
    const result = await check(given);
    expect(result.success).toBe(true);
    expect(result.details.warnings.join(' ')).toContain(words);
  });

  it('ends in time when the server hangs', async () => {
    const began = performance.now();
    const result = await check({ replies: { 'POST /api/flows/count': { kind: 'hang' } }, timeoutMs: 700 });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(result).toMatchObject({ success: false });
    expect(result.details.steps.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: 'credentials',
      code: 'CONNECTION_TIMEOUT',
    });
  });
});
