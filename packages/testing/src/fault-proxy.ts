import { once } from 'node:events';
import {
  createServer,
  request as forward,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { answerFault, damageAnswer, type ProxyFault } from './proxy-fault.js';

/** A request that passed the proxy. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The fault that was applied, or `none`. */
  readonly fault: ProxyFault['kind'] | 'none';
}

/** Applies a fault to the requests that fit. */
export interface FaultRule {
  readonly fault: ProxyFault;
  /** True for requests that are meant; default: all. */
  readonly when?: (request: Omit<Exchange, 'fault'>) => boolean;
  /** How many fitting requests pass before the fault begins; default 0. */
  readonly after?: number;
  /** How many requests get the fault; default without end. */
  readonly times?: number;
}

/** A rule in force. */
export interface ActiveRule {
  /** How many requests got the fault so far. */
  applied(): number;
  remove(): void;
}

/** A proxy in front of a real server whose faults are switched while it runs. */
export interface FaultProxy {
  readonly port: number;
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /** Adds a rule; the newest rule that fits a request counts. */
  inject(rule: FaultRule): ActiveRule;
  /** Removes every rule and takes connections again. */
  clear(): Promise<void>;
  /** Closes the port, so that connections are refused, and cuts those that are open. */
  refuse(): Promise<void>;
  close(): Promise<void>;
}

interface Rule extends FaultRule {
  seen: number;
  applied: number;
}

/**
 * Starts a proxy on a free port of 127.0.0.1.
 * @param target origin of the real server, for example `http://127.0.0.1:3000`; paths pass as they are
 */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port: targetPort, host } = new URL(target);
  const upstream = { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(targetPort || 80), host };
  const exchanges: Exchange[] = [];
  const sockets = new Set<Socket>();
  const forwarded = new Set<ClientRequest>();
  let rules: Rule[] = [];
  let port = 0;

  const server = createServer({ keepAlive: false }, (incoming, answer) => {
    void handle(incoming, answer);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  // A web socket of a user interface passes as it is.
  server.on('upgrade', (incoming, socket: Socket, head: Buffer) => {
    const through = connect(upstream.port, upstream.hostname, () => {
      const lines = Object.entries(headersOf(incoming)).map(([name, value]) => `${name}: ${value}\r\n`);
      through.write(`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`);
      through.write(head);
      through.pipe(socket).pipe(through);
    });
    through.on('error', () => socket.destroy());
    socket.on('close', () => through.destroy());
  });

  async function handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return; // the client went away
    }
    const body = Buffer.concat(chunks);
    const request = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: headersOf(incoming),
      body: body.toString('utf8'),
    };
    const fault = choose(request);
    exchanges.push({ ...request, fault: fault?.kind ?? 'none' });
    if (fault !== undefined && answerFault(fault, answer)) return;
    pass(incoming, body, fault, answer);
  }

  function choose(request: Omit<Exchange, 'fault'>): ProxyFault | undefined {
    for (const rule of rules.toReversed()) {
      if (rule.when?.(request) === false) continue;
      rule.seen += 1;
      if (rule.seen <= (rule.after ?? 0) || rule.applied >= (rule.times ?? Infinity)) continue;
      rule.applied += 1;
      return rule.fault;
    }
    return undefined;
  }

  function pass(incoming: IncomingMessage, body: Buffer, fault: ProxyFault | undefined, answer: ServerResponse): void {
    const outgoing = forward({
      hostname: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: upstream.host, connection: 'close', 'content-length': String(body.length) },
      agent: false,
    });
    forwarded.add(outgoing);
    outgoing.on('close', () => forwarded.delete(outgoing));
    outgoing.on('response', (response) => {
      damageAnswer(fault, response, answer);
    });
    outgoing.on('error', () => answer.socket?.resetAndDestroy());
    answer.on('close', () => outgoing.destroy());
    outgoing.end(body);
  }

  async function listen(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) ({ port } = address);
  }

  async function stopListening(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    for (const outgoing of forwarded) outgoing.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  }

  await listen();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    exchanges,
    inject(rule) {
      const added: Rule = { ...rule, seen: 0, applied: 0 };
      rules.push(added);
      return {
        applied: () => added.applied,
        remove: () => {
          rules = rules.filter((other) => other !== added);
        },
      };
    },
    async clear() {
      rules = [];
      if (!server.listening) await listen();
    },
    refuse: stopListening,
    close: stopListening,
  };
}

function headersOf(incoming: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
