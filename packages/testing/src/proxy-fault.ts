import type { IncomingMessage, ServerResponse } from 'node:http';

/** What happens to one request. The first group never reaches the server, the second does. */
export type ProxyFault =
  /** The connection is cut with RST; nothing reached the server. */
  | { readonly kind: 'reset' }
  /** The connection is closed properly without an answer; nothing reached the server. */
  | { readonly kind: 'close' }
  /** Nothing ever comes back. */
  | { readonly kind: 'hang' }
  /** Answers by itself. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The server does what was asked, but its answer is lost. */
  | { readonly kind: 'lose_answer' }
  /** The answer comes later. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The answer comes byte by byte. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** The answer ends after so many bytes of its body. */
  | { readonly kind: 'truncate'; readonly bytes: number };

const loginPage =
  '<!doctype html><html><head><title>Sign in</title></head><body><form><input type="password"></form></body></html>';

/** A proxy that wants people to log in answers everything with this. */
export const htmlPage: ProxyFault = {
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: loginPage,
};

/** A redirect to a login page. */
export const loginRedirect: ProxyFault = {
  kind: 'answer',
  status: 302,
  headers: { location: 'https://login.example.com/sso?state=abc' },
};

/** An answer of the given status in JSON. */
export function statusAnswer(status: number, headers: Readonly<Record<string, string>> = {}): ProxyFault {
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"detail":"refused by the test"}',
  };
}

/** Does what needs no server. @returns false when the request has to be forwarded */
export function answerFault(fault: ProxyFault, answer: ServerResponse): boolean {
  switch (fault.kind) {
    case 'reset':
      answer.socket?.resetAndDestroy();
      return true;
    case 'close':
      answer.socket?.end();
      return true;
    case 'hang':
      return true;
    case 'answer':
      answer.writeHead(fault.status, { connection: 'close', ...fault.headers }).end(fault.body ?? '');
      return true;
    default:
      return false;
  }
}

/** Hands on the answer of the server, damaged as the fault says. */
export function damageAnswer(fault: ProxyFault | undefined, response: IncomingMessage, answer: ServerResponse): void {
  response.on('error', () => answer.socket?.resetAndDestroy());
  const { 'transfer-encoding': _encoding, ...headers } = response.headers;
  const status = response.statusCode ?? 502;
  switch (fault?.kind) {
    case 'lose_answer':
      // Only once the whole answer is there has the server certainly done its work.
      response.resume().on('end', () => answer.socket?.resetAndDestroy());
      return;
    case 'delay':
      later(answer, fault.milliseconds, () => {
        answer.writeHead(status, headers);
        response.pipe(answer);
      });
      return;
    case 'drip':
      answer.writeHead(status, headers);
      void collect(response).then((body) => {
        drip(body, fault.everyMs, answer);
      });
      return;
    case 'truncate':
      void collect(response).then((body) => {
        answer.writeHead(status, { ...headers, 'content-length': String(Math.max(body.length, fault.bytes + 1)) });
        answer.write(body.subarray(0, fault.bytes), () => answer.socket?.end());
      });
      return;
    default:
      answer.writeHead(status, headers);
      response.pipe(answer);
  }
}

function later(answer: ServerResponse, milliseconds: number, action: () => void): void {
  const timer = setTimeout(action, milliseconds);
  answer.on('close', () => {
    clearTimeout(timer);
  });
}

function drip(body: Buffer, everyMs: number, answer: ServerResponse): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= body.length) {
      clearInterval(timer);
      answer.end();
      return;
    }
    answer.write(body.subarray(sent, sent + 1));
    sent += 1;
  }, everyMs);
  answer.on('close', () => {
    clearInterval(timer);
  });
}

async function collect(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    return Buffer.concat(chunks); // the server itself was cut off
  }
  return Buffer.concat(chunks);
}
