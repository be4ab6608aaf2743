import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startFaultServer, type Fault, type FaultServer, type ReceivedRequest } from '../testing/fault-server.js';
import { createHttpClient } from './axios-http-client.js';
import type { HttpClientSettings, HttpOutcome, HttpRequest } from './http-client.js';

const canary = 'Zq9-secret-canary';
const cleanups: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(choose: Fault | ((request: ReceivedRequest) => Fault)): Promise<FaultServer> {
  const server = await startFaultServer(typeof choose === 'function' ? choose : () => choose);
  cleanups.push(() => server.close());
  return server;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
    return undefined;
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function send(
  url: string,
  settings: HttpClientSettings = {},
  timeoutMs = 5_000,
  request: Partial<HttpRequest> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<HttpOutcome> {
  return createHttpClient({ headers: { Authorization: `Bearer ${canary}` }, ...settings }).send(
    { method: 'GET', url, ...request },
    { signal, timeoutMs },
  );
}

function kindOf(outcome: HttpOutcome): string {
  return outcome.kind === 'fault' ? outcome.fault.kind : `status ${outcome.response.status}`;
}

describe('createHttpClient', () => {
  it('sends JSON and secret headers, and gives back status, headers and text', async () => {
    const server = await serve({ kind: 'answer', status: 418, headers: { 'X-Note': 'tea' }, body: '{"a": "ü"}' });
    const outcome = await send(`${server.url}/path?x=1`, {}, 5_000, {
      method: 'POST',
      json: { b: 1 },
      headers: { 'x-own': 'y' },
    });
    expect(outcome).toMatchObject({
      kind: 'response',
      response: { status: 418, text: '{"a": "ü"}', headers: { 'x-note': 'tea', 'content-type': 'application/json' } },
    });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/path?x=1',
        body: '{"b":1}',
        headers: { authorization: `Bearer ${canary}`, 'x-own': 'y', 'content-type': 'application/json' },
      },
    ]);
  });

  it.each<[string, Fault, string]>([
    ['a reset', { kind: 'reset' }, 'reset'],
    ['an end before the headers', { kind: 'close' }, 'reset'],
    ['a truncated body', { kind: 'truncated' }, 'truncated'],
    ['garbage', { kind: 'garbage' }, 'not_http'],
    ['a redirect', { kind: 'answer', status: 302, headers: { location: '/login' } }, 'redirect'],
    ['a status 304', { kind: 'answer', status: 304 }, 'status 304'],
    ['a status 429', { kind: 'answer', status: 429, headers: { 'retry-after': '3' } }, 'status 429'],
    [
      'a page of HTML',
      { kind: 'answer', headers: { 'content-type': 'text/html' }, body: '<html></html>' },
      'status 200',
    ],
    ['a body that is too large', { kind: 'huge', bytes: 5_000_000 }, 'too_large'],
  ])('tells %s', async (_name, fault, kind) => {
    const server = await serve(fault);
    expect(kindOf(await send(server.url, { maxBodyBytes: 1_000_000 }))).toBe(kind);
  });

  it.each<[string, Fault]>([
    ['silence', { kind: 'hang' }],
    ['a dripping body', { kind: 'drip', everyMs: 20 }],
    ['dripping headers', { kind: 'drip_headers', everyMs: 20 }],
  ])('cuts %s at the deadline and closes the connection', async (_name, fault) => {
    const server = await serve(fault);
    const began = performance.now();
    expect(kindOf(await send(server.url, {}, 300))).toBe('timeout');
    expect(performance.now() - began).toBeGreaterThanOrEqual(290);
    expect(performance.now() - began).toBeLessThan(3_000);
    while (server.openConnections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('stops when the call is aborted, before and during the request', async () => {
    const server = await serve({ kind: 'drip', everyMs: 20 });
    expect(kindOf(await send(server.url, {}, 5_000, {}, AbortSignal.abort()))).toBe('cancelled');
    expect(server.requests).toHaveLength(0);
    const controller = new AbortController();
    const sending = send(server.url, {}, 5_000, {}, controller.signal);
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new TypeError(canary));
    expect(kindOf(await sending)).toBe('cancelled');
  });

  it('tells unknown hosts, closed ports and addresses that are none', async () => {
    const server = await serve({ kind: 'hang' });
    await server.close();
    cleanups.length = 0;
    expect(kindOf(await send(server.url))).toBe('refused');
    expect(kindOf(await send('http://no-such-host.invalid/'))).toBe('unknown_host');
    expect(kindOf(await send('no url'))).toBe('network');
    expect(kindOf(await send(server.url, {}, 0))).toBe('timeout');
  });

  it('counts the size of what was unpacked', async () => {
    const packed = gzipSync(Buffer.alloc(5_000_000, 'x'));
    const port = await listen(
      createHttpServer((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
      }),
    );
    expect(kindOf(await send(`http://127.0.0.1:${port}`, { maxBodyBytes: 1_000_000 }))).toBe('too_large');
    expect(kindOf(await send(`http://127.0.0.1:${port}`))).toBe('status 200');
  });

  it('names the target of a redirect without its secrets', async () => {
    const location = `https://me:${canary}@login.example/sso?state=${canary}#${canary}`;
    const server = await serve({ kind: 'answer', status: 303, headers: { location } });
    const outcome = await send(server.url);
    expect(outcome).toMatchObject({ kind: 'fault', fault: { redirectTo: 'https://login.example/sso' } });
    expect(JSON.stringify(outcome)).not.toContain(canary);
    expect(server.requests).toHaveLength(1);
  });

  it('keeps secrets out of outcomes, and out of the client itself', async () => {
    const faults: Fault[] = [
      { kind: 'reset' },
      { kind: 'close' },
      { kind: 'truncated' },
      { kind: 'garbage' },
      { kind: 'hang' },
      { kind: 'huge', bytes: 2_000 },
    ];
    for (const fault of faults) {
      const server = await serve(fault);
      const outcome = await send(
        `http://me:${canary}@127.0.0.1:${server.port}/p?token=${canary}`,
        { maxBodyBytes: 1_000 },
        200,
      );
      expect(outcome.kind).toBe('fault');
      expect(inspect(outcome, { depth: null, showHidden: true })).not.toContain(canary);
    }
    const client = createHttpClient({
      headers: { authorization: canary },
      clientCertificate: { certificate: await fixture('client.pem'), key: await fixture('client-key.pem') },
    });
    expect(inspect(client, { depth: null, showHidden: true })).not.toMatch(new RegExp(`${canary}|PRIVATE`));
  });

  it('says which header has signs that HTTP does not allow, not its value', async () => {
    const server = await serve({ kind: 'answer' });
    const outcome = await send(server.url, { headers: { 'x-token': `${canary}\n${canary}` } });
    expect(outcome).toMatchObject({ kind: 'fault', fault: { kind: 'network' } });
    expect(JSON.stringify(outcome)).toContain('x-token');
    expect(JSON.stringify(outcome)).not.toContain(canary);
    await send(server.url, { headers: { 'x-token': ` ${canary}\n` } });
    expect(server.requests[0]?.headers['x-token']).toBe(canary);
  });
});

describe('createHttpClient over TLS', () => {
  async function serveTls(requestCert: boolean): Promise<string> {
    const options = {
      key: await fixture('server-key.pem'),
      cert: await fixture('server.pem'),
      ca: await fixture('ca.pem'),
      requestCert,
      rejectUnauthorized: requestCert,
    };
    const port = await listen(createHttpsServer(options, (_request, response) => response.end('{}')));
    return `https://127.0.0.1:${port}`;
  }

  it('refuses an unknown authority and takes a configured one', async () => {
    const url = await serveTls(false);
    const refused = await send(url);
    expect(refused).toMatchObject({ kind: 'fault', fault: { kind: 'tls' } });
    expect(JSON.stringify(refused)).toContain('SELF_SIGNED_CERT_IN_CHAIN');
    expect(kindOf(await send(url, { certificateAuthority: await fixture('ca.pem') }))).toBe('status 200');
  });

  it('shows a client certificate', async () => {
    const url = await serveTls(true);
    const certificateAuthority = await fixture('ca.pem');
    expect(['tls', 'reset']).toContain(kindOf(await send(url, { certificateAuthority })));
    const clientCertificate = { certificate: await fixture('client.pem'), key: await fixture('client-key.pem') };
    expect(kindOf(await send(url, { certificateAuthority, clientCertificate }))).toBe('status 200');
  });

  it('tells TLS to a plain port', async () => {
    const server = await serve({ kind: 'garbage' });
    // The handshake never becomes a request, so the raw server must answer by itself.
    const port = await listen(createHttpServer((_request, response) => response.end()));
    expect(kindOf(await send(`https://127.0.0.1:${port}`))).toBe('tls');
    expect(kindOf(await send(`https://127.0.0.1:${server.port}`, {}, 300))).toBe('timeout');
  });

  it('tells plain HTTP to a TLS port', async () => {
    const url = await serveTls(false);
    expect(['not_http', 'reset']).toContain(kindOf(await send(url.replace('https:', 'http:'))));
  });
});

describe('createHttpClient with a proxy', () => {
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'] as const;

  async function withProxy<Result>(url: string, action: () => Promise<Result>): Promise<Result> {
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) Reflect.deleteProperty(process.env, name);
    process.env.HTTP_PROXY = url;
    process.env.HTTPS_PROXY = url;
    try {
      return await action();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  }

  it('goes through it, but not to this machine', async () => {
    const proxy = await serve({ kind: 'answer', body: '"proxy"' });
    const direct = await serve({ kind: 'answer', body: '"direct"' });
    await withProxy(proxy.url, async () => {
      expect(await send('http://orchestrator.invalid/x')).toMatchObject({ response: { text: '"proxy"' } });
      expect(await send(direct.url)).toMatchObject({ response: { text: '"direct"' } });
    });
    expect(proxy.requests[0]?.path).toBe('http://orchestrator.invalid/x');
  });

  it('asks it for a tunnel to https, and hides its credentials', async () => {
    const proxy = await serve({ kind: 'answer', status: 407 });
    const outcome = await withProxy(`http://me:${canary}@127.0.0.1:${proxy.port}`, () =>
      send('https://orchestrator.invalid/x'),
    );
    expect(proxy.requests[0]).toMatchObject({ method: 'CONNECT', path: 'orchestrator.invalid:443' });
    expect(proxy.requests[0]?.headers.authorization).toBeUndefined();
    expect(inspect(outcome, { depth: null })).not.toContain(canary);
  });
});

function fixture(name: string): Promise<string> {
  return readFile(new URL(`../../tests/fixtures/tls/${name}`, import.meta.url), 'utf8');
}
