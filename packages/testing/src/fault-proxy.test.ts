import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpOutcome } from '@floe/core/http/http-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import { htmlPage, loginRedirect, statusAnswer, type ProxyFault } from './proxy-fault.js';

let server: Server;
let proxy: FaultProxy;
let served: string[];

beforeEach(async () => {
  served = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      served.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`.trim());
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ host: request.headers.host, body }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  proxy = await startFaultProxy(
    `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
  );
});
afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function send(path = '/x', json?: unknown, timeoutMs = 5_000): Promise<HttpOutcome> {
  return createHttpClient({}).send(
    { method: json === undefined ? 'GET' : 'POST', url: `${proxy.url}${path}`, ...(json !== undefined && { json }) },
    { signal: new AbortController().signal, timeoutMs },
  );
}

function kindOf(outcome: HttpOutcome): string {
  return outcome.kind === 'fault' ? outcome.fault.kind : `status ${outcome.response.status}`;
}

describe('startFaultProxy', () => {
  it('passes requests and answers as they are', async () => {
    const outcome = await send('/path?q=1', { a: 1 });
    expect(outcome).toMatchObject({ response: { status: 200 } });
    expect(outcome.kind === 'response' && outcome.response.text).toContain('{\\"a\\":1}');
    expect(served).toEqual(['POST /path?q=1 {"a":1}']);
    expect(proxy.exchanges).toMatchObject([{ method: 'POST', path: '/path?q=1', body: '{"a":1}', fault: 'none' }]);
  });

  it.each<[ProxyFault, string, number]>([
    [{ kind: 'reset' }, 'reset', 0],
    [{ kind: 'close' }, 'reset', 0],
    [{ kind: 'hang' }, 'timeout', 0],
    [htmlPage, 'status 200', 0],
    [loginRedirect, 'redirect', 0],
    [statusAnswer(503), 'status 503', 0],
    [{ kind: 'lose_answer' }, 'reset', 1],
    [{ kind: 'delay', milliseconds: 60_000 }, 'timeout', 1],
    [{ kind: 'delay', milliseconds: 10 }, 'status 200', 1],
    [{ kind: 'drip', everyMs: 50 }, 'timeout', 1],
    [{ kind: 'drip', everyMs: 1 }, 'status 200', 1],
    [{ kind: 'truncate', bytes: 5 }, 'truncated', 1],
  ])('applies %j', async (fault, kind, reached) => {
    const rule = proxy.inject({ fault });
    expect(kindOf(await send('/x', undefined, kind === 'timeout' ? 300 : 5_000))).toBe(kind);
    expect(served).toHaveLength(reached);
    expect(rule.applied()).toBe(1);
    rule.remove();
    expect(kindOf(await send())).toBe('status 200');
  });

  it('applies a rule to the requests that are meant, so many times', async () => {
    proxy.inject({ fault: statusAnswer(503), when: ({ body }) => body.includes('launch'), after: 1, times: 2 });
    const kinds: string[] = [];
    for (const word of ['launch', 'read', 'launch', 'launch', 'launch'])
      kinds.push(kindOf(await send('/graphql', { word })));
    expect(kinds).toEqual(['status 200', 'status 200', 'status 503', 'status 503', 'status 200']);
  });

  it('refuses connections until it is cleared, on the same port', async () => {
    await proxy.refuse();
    expect(kindOf(await send())).toBe('refused');
    await proxy.refuse();
    await proxy.clear();
    expect(kindOf(await send())).toBe('status 200');
  });

  it('cuts open requests when it refuses', async () => {
    proxy.inject({ fault: { kind: 'hang' } });
    const sending = send();
    while (proxy.exchanges.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await proxy.refuse();
    expect(kindOf(await sending)).toBe('reset');
  });
});
