import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { z } from 'zod';

const datasetSchema = z.looseObject({
  namespace: z.string(),
  name: z.string(),
  facets: z.record(z.string(), z.unknown()).default({}),
  inputFacets: z.record(z.string(), z.unknown()).default({}),
  outputFacets: z.record(z.string(), z.unknown()).default({}),
});
const eventSchema = z.looseObject({
  eventTime: z.string(),
  /** Absent in events about a job alone. */
  eventType: z.string().optional(),
  run: z.looseObject({ runId: z.string(), facets: z.record(z.string(), z.unknown()).default({}) }).optional(),
  job: z.looseObject({ namespace: z.string(), name: z.string() }),
  inputs: z.array(datasetSchema).default([]),
  outputs: z.array(datasetSchema).default([]),
});

export type ReceivedEvent = z.infer<typeof eventSchema>;

/** Takes events of OpenLineage over HTTP; a test may let it refuse them. */
export class LineageReceiver {
  readonly url: string;
  readonly bodies: string[] = [];
  /** What it answers; below 300 the event is kept. */
  status = 201;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<LineageReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no port');
    const receiver = new LineageReceiver(server, address.port);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (receiver.status < 300) receiver.bodies.push(Buffer.concat(chunks).toString('utf8'));
        response.writeHead(receiver.status).end();
      });
    });
    return receiver;
  }

  /** Events in the order in which they came. */
  events(): readonly ReceivedEvent[] {
    return this.bodies.map((body) => eventSchema.parse(JSON.parse(body)));
  }

  clear(): void {
    this.bodies.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
