import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** What the server does with a request, byte by byte. */
export type Fault =
  /** Closes with RST once the request is there. */
  | { readonly kind: 'reset' }
  /** Closes properly without a byte. */
  | { readonly kind: 'close' }
  /** Takes the request and stays silent. */
  | { readonly kind: 'hang' }
  /** Sends headers at once and then one byte of the body every `everyMs`, without end. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Sends one byte of the headers every `everyMs`, without end. */
  | { readonly kind: 'drip_headers'; readonly everyMs: number }
  /** Announces a longer body than it sends, then closes. */
  | { readonly kind: 'truncated' }
  /** Speaks something else than HTTP. */
  | { readonly kind: 'garbage' }
  /** Sends a body of this size. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** A complete answer. */
  | {
      readonly kind: 'answer';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server on real sockets that misbehaves as asked. */
export interface FaultServer {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  /** Connections that are open now. */
  openConnections(): number;
  close(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1.
 * @param choose the behaviour for each request
 */
export async function startFaultServer(choose: (request: ReceivedRequest) => Fault): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const requests: ReceivedRequest[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let received = '';
    const onData = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      const request = parseRequest(received);
      if (request === undefined) return;
      socket.off('data', onData);
      requests.push(request);
      misbehave(socket, choose(request));
    };
    socket.on('data', onData);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    openConnections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function misbehave(socket: Socket, fault: Fault): void {
  switch (fault.kind) {
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'close':
      socket.end();
      return;
    case 'hang':
      return;
    case 'drip':
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n');
      drip(socket, fault.everyMs, ' ');
      return;
    case 'drip_headers':
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      drip(socket, fault.everyMs, 'a');
      return;
    case 'truncated':
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"half":');
      return;
    case 'garbage':
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
      return;
    case 'huge':
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${fault.bytes}\r\nconnection: close\r\n\r\n`);
      sendMany(socket, fault.bytes);
      return;
    case 'answer': {
      const body = Buffer.from(fault.body ?? '', 'utf8');
      const headers = {
        'content-type': 'application/json',
        ...fault.headers,
        'content-length': String(body.length),
        connection: 'close',
      };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 ${fault.status ?? 200} Status\r\n${lines.join('')}\r\n`);
      socket.end(body);
    }
  }
}

function drip(socket: Socket, everyMs: number, text: string): void {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.on('close', () => {
    clearInterval(timer);
  });
}

function sendMany(socket: Socket, bytes: number): void {
  const block = Buffer.alloc(64 * 1024, 'x');
  let left = bytes;
  const write = (): void => {
    while (left > 0 && !socket.destroyed) {
      const size = Math.min(left, block.length);
      left -= size;
      if (!socket.write(block.subarray(0, size))) {
        socket.once('drain', write);
        return;
      }
    }
    socket.end();
  };
  write();
}

/** The request, once all of it is there. */
function parseRequest(text: string): ReceivedRequest | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const body = text.slice(headEnd + 4);
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined;
  return { method, path, headers, body };
}
