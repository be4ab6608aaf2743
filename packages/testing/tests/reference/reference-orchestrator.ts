import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { runRequestSchema } from '@floe/core/execution/run-request';
import { z } from 'zod';
import { SimulatedRun, type ReferenceProduct } from './simulated-run.js';

const submissionSchema = z.object({
  product: z.string(),
  request: runRequestSchema,
  expected_hash: z.string().nullable(),
  retry_of: z.string().nullable(),
});

/** A small orchestrator with an HTTP interface, for tests of the suite itself. */
export interface ReferenceOrchestrator {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the orchestrator on a free port; it takes any bearer token. */
export async function startReferenceOrchestrator(
  products: Readonly<Record<string, ReferenceProduct>>,
): Promise<ReferenceOrchestrator> {
  const runs = new Map<string, SimulatedRun & { product?: string }>();

  const respond = (request: IncomingMessage, url: URL, body: string): [status: number, answer: unknown] => {
    if (request.headers.authorization === undefined) return [401, { detail: 'no token' }];
    const [root, area, id, part] = url.pathname.split('/').slice(1);
    if (root !== 'api') return [404, { detail: 'not found' }];
    if (area === 'version') return [200, { name: 'reference', version: '2.4.0' }];
    if (area === 'health') return [200, { healthy: true }];
    if (area !== 'runs') return [404, { detail: 'not found' }];
    if (id === undefined) {
      if (request.method === 'POST') return submit(body);
      const key = url.searchParams.get('key');
      const product = url.searchParams.get('product');
      const found = [...runs.values()].filter(
        (run) => (key === null || run.request.key === key) && (product === null || run.product === product),
      );
      return [200, { runs: found.map(summaryOf) }];
    }
    const run = runs.get(id);
    if (run === undefined) return [404, { detail: 'no such run' }];
    if (part === 'cancel') {
      const hasEnded = run.record !== undefined;
      run.stop('cancelled');
      return [200, { ended: hasEnded }];
    }
    const after = Number(url.searchParams.get('after') ?? 0);
    if (part === 'logs') return [200, { lines: run.log.slice(after), cursor: run.log.length }];
    return [
      200,
      { ...summaryOf(run), nodes: run.results.slice(after), cursor: run.results.length, record: run.record ?? null },
    ];
  };

  const submit = (body: string): [number, unknown] => {
    const {
      product: name,
      request,
      expected_hash: expected,
      retry_of: retryOf,
    } = submissionSchema.parse(JSON.parse(body));
    const product = products[name];
    if (product === undefined) return [404, { detail: `no product ${name}` }];
    if (expected !== null && expected !== product.bundleHash) return [409, { detail: 'another bundle is deployed' }];
    const same = [...runs.values()].find((run) => run.request.key === request.key);
    if (same !== undefined) return [200, { id: same.id }];
    const parent = retryOf === null ? undefined : runs.get(retryOf);
    const run = Object.assign(new SimulatedRun(randomUUID(), request, product, parent), { product: name });
    runs.set(run.id, run);
    return [201, { id: run.id }];
  };

  const server = createServer((request, response) => {
    void handle(request, response);
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [status, answer] = respond(
      request,
      new URL(request.url ?? '/', 'http://host'),
      Buffer.concat(chunks).toString(),
    );
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    close: async () => {
      for (const run of runs.values()) run.stop('cancelled');
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function summaryOf(run: SimulatedRun): object {
  return {
    id: run.id,
    key: run.request.key,
    phase: run.record === undefined ? 'running' : 'ended',
    ending: run.record?.outcome ?? null,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
  };
}
