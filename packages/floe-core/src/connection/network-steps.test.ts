import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpClient } from '../http/axios-http-client.js';
import type { HttpClientSettings } from '../http/http-client.js';
import { createRedactor } from '../redaction/create-redactor.js';
import { startFaultServer, type Fault } from '../testing/fault-server.js';
import { systemClock, type Clock } from '../time/clock.js';
import { networkSteps } from './network-steps.js';
import { probeConnection } from './probe-connection.js';
import type { ValidationResult } from './validation-result.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(fault: Fault): Promise<string> {
  const server = await startFaultServer(() => fault);
  cleanups.push(() => server.close());
  return server.url;
}

interface ProbeOptions {
  readonly budgetMs?: number;
  readonly settings?: HttpClientSettings;
  readonly env?: Record<string, string>;
  readonly clock?: Clock;
}

function probe(
  url: string,
  { budgetMs = 5_000, settings = {}, env = {}, clock = systemClock }: ProbeOptions = {},
): Promise<ValidationResult> {
  const http = createHttpClient(settings);
  const steps = networkSteps({ url, server: `Dagster at ${url}`, http, settings, env, clock });
  return probeConnection(
    steps,
    { endpoint: url, clock: systemClock, redactor: createRedactor(), budgetMs },
    { signal: new AbortController().signal, timeoutMs: 60_000 },
  );
}

function outcomes(result: ValidationResult): Record<string, string> {
  return Object.fromEntries(result.details.steps.map(({ name, outcome, code }) => [name, code ?? outcome]));
}

describe('networkSteps', () => {
  it('pass for a server that answers, whatever it answers below 500', async () => {
    for (const status of [200, 401, 404]) {
      expect(outcomes(await probe(await serve({ kind: 'answer', status })))).toEqual({
        resolve: 'passed',
        connect: 'passed',
        http: 'passed',
      });
    }
  });

  it('resolve names', async () => {
    const url = (await serve({ kind: 'answer' })).replace('127.0.0.1', 'localhost');
    expect(await probe(url)).toMatchObject({ success: true });
    expect(outcomes(await probe('http://no-such-host.invalid:3000'))).toEqual({
      resolve: 'CONNECTION_UNREACHABLE',
      connect: 'skipped',
      http: 'skipped',
    });
  });

  it('tell a closed port', async () => {
    const server = await startFaultServer(() => ({ kind: 'hang' }));
    await server.close();
    const result = await probe(server.url);
    expect(outcomes(result)).toEqual({ resolve: 'passed', connect: 'CONNECTION_UNREACHABLE', http: 'skipped' });
    expect(result.message).toContain('refused the connection');
  });

  it.each<[string, Fault, string]>([
    ['reset', { kind: 'reset' }, 'CONNECTION_UNREACHABLE'],
    ['garbage', { kind: 'garbage' }, 'CONNECTION_WRONG_ENDPOINT'],
    ['truncated', { kind: 'truncated' }, 'PLATFORM_ANSWER_INVALID'],
    [
      'redirect',
      { kind: 'answer', status: 302, headers: { location: 'https://login.example/' } },
      'CONNECTION_WRONG_ENDPOINT',
    ],
    ['busy', { kind: 'answer', status: 503 }, 'PLATFORM_UNHEALTHY'],
  ])('tell a fault of HTTP: %s', async (_name, fault, code) => {
    expect(outcomes(await probe(await serve(fault)))).toEqual({ resolve: 'passed', connect: 'passed', http: code });
  });

  it.each<[string, Fault]>([
    ['silent', { kind: 'hang' }],
    ['dripping', { kind: 'drip', everyMs: 10 }],
    ['dripping in the headers', { kind: 'drip_headers', everyMs: 10 }],
  ])('are cut by the budget when the server is %s', async (_name, fault) => {
    const url = await serve(fault);
    const began = performance.now();
    const result = await probe(url, { budgetMs: 400 });
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(outcomes(result)).toEqual({ resolve: 'passed', connect: 'passed', http: 'CONNECTION_TIMEOUT' });
    expect(result.message).toContain('http did not finish within the 0.4 s');
  });

  it('check the proxy instead of the server, when there is one', async () => {
    const proxy = await startFaultServer(() => ({ kind: 'answer' }));
    await proxy.close();
    const result = await probe('https://orchestrator.invalid', { env: { HTTPS_PROXY: proxy.url } });
    expect(outcomes(result)).toEqual({ resolve: 'passed', connect: 'CONNECTION_UNREACHABLE', http: 'skipped' });
    expect(result.message).toContain('the proxy 127.0.0.1');
    expect(result.message).toContain('HTTPS_PROXY');
  });

  it('refuse an address that is no URL', async () => {
    expect(outcomes(await probe('localhost'))).toEqual({ resolve: 'INVALID_VALUE' });
  });
});

describe('the step tls', () => {
  async function listen(server: Server): Promise<string> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const address = server.address();
    return `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }
  async function serveTls(requestCert = false): Promise<string> {
    const server = createHttpsServer(
      {
        key: await fixture('server-key.pem'),
        cert: await fixture('server.pem'),
        ca: await fixture('ca.pem'),
        requestCert,
      },
      (_request, response) => response.end('{}'),
    );
    cleanups.push(() => {
      server.closeAllConnections();
    });
    return listen(server);
  }

  it('passes with the right authority only', async () => {
    const url = await serveTls();
    const result = await probe(url);
    expect(outcomes(result)).toEqual({ resolve: 'passed', connect: 'passed', tls: 'CONNECTION_TLS', http: 'skipped' });
    expect(result.message).toContain('an authority that is not known here');
    expect(await probe(url, { settings: { certificateAuthority: await fixture('ca.pem') } })).toMatchObject({
      success: true,
    });
  });

  it('warns of a certificate that ends soon', async () => {
    const settings = { certificateAuthority: await fixture('ca.pem') };
    const late: Clock = { ...systemClock, now: () => Date.now() + 36_495 * 86_400_000 };
    const result = await probe(await serveTls(), { settings, clock: late });
    expect(result.success).toBe(true);
    expect(result.details.warnings).toHaveLength(1);
  });

  it('says when the port speaks no TLS', async () => {
    const plain = await listen(
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      }),
    );
    const result = await probe(plain);
    expect(outcomes(result)).toMatchObject({ tls: 'CONNECTION_TLS', http: 'skipped' });
    expect(result.message).toContain('speaks no TLS');
  });

  it('is cut by the budget when the handshake hangs', async () => {
    const silent = await listen(
      createServer((socket) => {
        cleanups.push(() => socket.destroy());
        socket.on('error', () => undefined);
      }),
    );
    expect(outcomes(await probe(silent, { budgetMs: 300 }))).toMatchObject({
      tls: 'CONNECTION_TIMEOUT',
      http: 'skipped',
    });
  });
});

function fixture(name: string): Promise<string> {
  return readFile(new URL(`../../tests/fixtures/tls/${name}`, import.meta.url), 'utf8');
}
