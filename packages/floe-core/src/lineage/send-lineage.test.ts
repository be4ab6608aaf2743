import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpClient, HttpOutcome, HttpRequest } from '../http/http-client.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { FakeClock } from '../testing/fake-clock.js';
import { eventSchemas, producer, type LineageEvent } from './lineage-event.js';
import { lineageTransport, type LineageTransport } from './lineage-settings.js';
import { sendLineage } from './send-lineage.js';

const events: LineageEvent[] = ['a', 'b', 'c'].map((name) => ({
  eventTime: '2026-01-02T03:04:05Z',
  producer,
  schemaURL: eventSchemas.job,
  job: { namespace: 'shop', name },
  inputs: [],
  outputs: [],
}));

function answering(...statuses: (number | 'nothing')[]): { readonly http: HttpClient; readonly seen: HttpRequest[] } {
  const seen: HttpRequest[] = [];
  return {
    seen,
    http: {
      send: (request) => {
        const status = statuses[Math.min(seen.length, statuses.length - 1)] ?? 200;
        seen.push(request);
        const outcome: HttpOutcome =
          status === 'nothing'
            ? { kind: 'fault', fault: { kind: 'refused', message: 'refused' } }
            : { kind: 'response', response: { status, headers: {}, text: '' } };
        return Promise.resolve(outcome);
      },
    },
  };
}

const address = 'http://lineage.example.com/api/v1/lineage';
const receiver: LineageTransport = { kind: 'http', url: address, apiKey: undefined };
const call = { signal: new AbortController().signal };

function send(http: HttpClient, transport: LineageTransport = receiver, lines: string[] = []) {
  const print = (line: string): void => {
    lines.push(line);
  };
  return sendLineage(events, transport, { http, clock: new FakeClock(), print }, call);
}

describe('sendLineage', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floe-lineage-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('posts one event after the other', async () => {
    const { http, seen } = answering(201);
    expect(await send(http)).toEqual({ sent: 3, lost: 0 });
    expect(seen.map(({ json }) => json)).toEqual(events);
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set([address]));
  });

  it('tries once more after a status 5xx', async () => {
    const { http, seen } = answering(503, 200);
    expect(await send(http)).toEqual({ sent: 3, lost: 0 });
    expect(seen).toHaveLength(4);
  });

  it.each([
    ['does not answer', ['nothing'], { sent: 0, lost: 3, reason: 'the receiver does not answer' }, 1],
    ['answers 500 for ever', [500], { sent: 0, lost: 3, reason: 'the receiver answers with status 500' }, 2],
    ['wants a key', [401], { sent: 0, lost: 3, reason: 'the receiver answers with status 401' }, 1],
    ['refuses one event', [200, 422, 200], { sent: 2, lost: 1, reason: 'the receiver answers with status 422' }, 3],
  ] as const)('counts what is lost when the receiver %s', async (_name, statuses, report, requests) => {
    const { http, seen } = answering(...statuses);
    expect(await send(http)).toEqual(report);
    expect(seen).toHaveLength(requests);
  });

  it('gives up when its time is over', async () => {
    const { http } = answering(200);
    const context = { http, clock: new FakeClock(), print: () => undefined };
    const signal = AbortSignal.abort();
    expect(await sendLineage(events, receiver, context, { signal })).toEqual({
      sent: 0,
      lost: 3,
      reason: 'the time for it was over',
    });
  });

  it('appends lines to a file', async () => {
    const path = join(folder, 'deep', 'events.jsonl');
    expect(await send(answering(500).http, { kind: 'file', path })).toEqual({ sent: 3, lost: 0 });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
  });

  it('says when the file cannot be written', async () => {
    const transport: LineageTransport = { kind: 'file', path: join(folder, '\0') };
    expect(await send(answering(500).http, transport)).toEqual({
      sent: 0,
      lost: 3,
      reason: 'the file cannot be written',
    });
  });

  it('prints lines', async () => {
    const lines: string[] = [];
    expect(await send(answering(500).http, { kind: 'console' }, lines)).toEqual({ sent: 3, lost: 0 });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
  });
});

describe('lineageTransport', () => {
  const of = (settings: object, environment: Record<string, string> = {}) =>
    lineageTransport({ ...exampleArtifacts({}).observability, ...settings }, environment, '/data/shop.jsonl');
  const endpoint = 'http://marquez:5000';

  it.each([
    ['nothing is said', {}, {}, undefined],
    ['lineage is off', { lineage: false, lineage_endpoint: endpoint }, {}, undefined],
    ['noop', { lineage_transport: 'noop', lineage_endpoint: endpoint }, {}, undefined],
    ['OPENLINEAGE_DISABLED', { lineage_transport: 'console' }, { OPENLINEAGE_DISABLED: 'true' }, undefined],
    ['http without an address', { lineage_transport: 'http' }, {}, undefined],
    ['console', { lineage_transport: 'console' }, {}, { kind: 'console' }],
    ['file', { lineage_transport: 'file' }, {}, { kind: 'file', path: '/data/shop.jsonl' }],
    [
      'a file of its own',
      { lineage_transport: 'file', lineage_endpoint: 'file:///var/log/lineage.jsonl' },
      {},
      { kind: 'file', path: '/var/log/lineage.jsonl' },
    ],
    [
      'an address',
      { lineage_endpoint: endpoint },
      { OPENLINEAGE_API_KEY: 'k' },
      { kind: 'http', url: 'http://marquez:5000/api/v1/lineage', apiKey: 'k' },
    ],
    [
      'an address with a path and a password',
      { lineage_endpoint: 'http://u:p@marquez:5000/lineage/' },
      {},
      { kind: 'http', url: 'http://marquez:5000/lineage', apiKey: undefined },
    ],
    [
      'OPENLINEAGE_URL, which wins',
      { lineage_transport: 'console' },
      { OPENLINEAGE_URL: 'https://l.example.com/', OPENLINEAGE_ENDPOINT: '/v2' },
      { kind: 'http', url: 'https://l.example.com/v2', apiKey: undefined },
    ],
    [
      'nested settings',
      {},
      {
        OPENLINEAGE__TRANSPORT__TYPE: 'http',
        OPENLINEAGE__TRANSPORT__URL: 'https://l.example.com',
        OPENLINEAGE__TRANSPORT__AUTH__APIKEY: 'k',
      },
      { kind: 'http', url: 'https://l.example.com/api/v1/lineage', apiKey: 'k' },
    ],
    [
      'nested settings of a file',
      {},
      { OPENLINEAGE__TRANSPORT__TYPE: 'file', OPENLINEAGE__TRANSPORT__LOG_FILE_PATH: '/x.jsonl' },
      { kind: 'file', path: '/x.jsonl' },
    ],
    [
      'a transport that only the runtime knows',
      { lineage_transport: 'console' },
      { OPENLINEAGE__TRANSPORT__TYPE: 'kafka' },
      undefined,
    ],
  ])('%s', (_name, settings, environment, transport) => {
    expect(of(settings, environment)).toEqual(transport);
  });
});
