import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { observabilitySchema, type Observability } from '@floe/core/artifacts/observability';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import { systemClock } from '@floe/core/time/clock';
import { startTelemetry } from './start-telemetry.js';

interface Received {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

const servers: Server[] = [];

async function startCollector(
  answer: number | 'hang',
): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      received.push({ url: request.url, authorization: request.headers.authorization, body });
      if (answer !== 'hang') response.writeHead(answer).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('latin1');
}

function settings(telemetry: object): Observability['telemetry'] {
  return observabilitySchema.parse({
    lineage_namespace: 'shop',
    telemetry: {
      otlp_protocol: 'http',
      backend: 'otlp',
      resource_attributes: {
        service_name: 'shop',
        service_version: '1.0.0',
        deployment_environment: 'dev',
        floe_namespace: 'platform',
        floe_product_name: 'shop',
        floe_product_version: '1.0.0',
        floe_mode: 'dev',
      },
      ...telemetry,
    },
  }).telemetry;
}

async function sendSpan(telemetry: object): Promise<{ readonly lines: string[]; readonly milliseconds: number }> {
  const lines: string[] = [];
  const started = await startTelemetry({
    settings: settings(telemetry),
    secrets: createSecretResolver({
      env: { COLLECTOR_TOKEN: 'token-canary' },
      readFile: () => Promise.reject(new Error()),
    }),
    clock: systemClock,
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
  });
  started.tracer.startSpan('RUN shop').end();
  const begin = performance.now();
  await started.shutdown();
  return { lines, milliseconds: performance.now() - begin };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('startTelemetry', () => {
  it('sends spans with the credentials of the collector', async () => {
    const collector = await startCollector(200);
    const authentication = { auth_type: 'bearer', bearer_token: 'env:COLLECTOR_TOKEN' };
    const { lines } = await sendSpan({ otlp_endpoint: collector.url, authentication });
    expect(collector.received).toHaveLength(1);
    expect(collector.received[0]).toMatchObject({ url: '/v1/traces', authorization: 'Bearer token-canary' });
    expect(collector.received[0]?.body).toContain('RUN shop');
    expect(collector.received[0]?.body).not.toContain('canary');
    expect(lines).toEqual([]);
  });

  it.each([
    ['refuses', 400],
    ['hangs', 'hang'],
  ] as const)('says so, within its limit, when the collector %s', async (_name, answer) => {
    const collector = await startCollector(answer);
    const { lines, milliseconds } = await sendSpan({ otlp_endpoint: collector.url });
    expect(lines).toEqual([`traces could not be sent to ${collector.url}; the run itself is not affected`]);
    expect(milliseconds).toBeLessThan(30_000);
  });

  it('sends nothing when it is off, and nothing without its credentials', async () => {
    const collector = await startCollector(200);
    expect((await sendSpan({ otlp_endpoint: collector.url, enabled: false })).lines).toEqual([]);
    const authentication = { auth_type: 'api_key', api_key: 'env:NOT_THERE' };
    const { lines } = await sendSpan({ otlp_endpoint: collector.url, authentication });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('traces are off');
    expect(collector.received).toEqual([]);
  });

  it('writes a line a span when the exporter is the console', async () => {
    const { lines } = await sendSpan({ backend: 'console' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^span RUN shop \{"trace":"[0-9a-f]{32}"/u);
  });
});
