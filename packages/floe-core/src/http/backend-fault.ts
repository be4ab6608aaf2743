import type { ErrorCode } from '../errors/error-codes.js';
import type { BackendFault } from '../execution/run-backend.js';
import { printableAddress } from './address.js';
import type { HttpResponse, TransportFault, TransportFaultKind } from './http-client.js';

/** Names the server in messages. */
export interface FaultContext {
  /** For example `Dagster at http://localhost:3000`. */
  readonly server: string;
  /** The setting that names the server, for resolutions; default `url in plugins.orchestrator.config`. */
  readonly setting?: string;
  /** Milliseconds since the epoch, for a Retry-After that gives a date. */
  readonly now: number;
}

interface Row {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  /** Ends the sentence that begins with the server. */
  readonly message: string;
  readonly resolution: string;
}

const checkSetting = 'Check <setting> and that the server runs and can be reached from here.';

const transportRows: Readonly<Record<TransportFaultKind, Row>> = {
  unknown_host: {
    code: 'CONNECTION_UNREACHABLE',
    retryable: true,
    message: 'cannot be reached: nobody knows its host name',
    resolution: 'Check the host name in <setting>, and the DNS of this machine.',
  },
  refused: {
    code: 'CONNECTION_UNREACHABLE',
    retryable: true,
    message: 'refused the connection',
    resolution: 'Start the server, or check host and port in <setting>.',
  },
  reset: {
    code: 'CONNECTION_UNREACHABLE',
    retryable: true,
    message: 'closed the connection before it answered',
    resolution: 'Check that <setting> names the server itself, and look into its log or that of the proxy before it.',
  },
  network: { code: 'CONNECTION_UNREACHABLE', retryable: true, message: 'cannot be reached', resolution: checkSetting },
  tls: {
    code: 'CONNECTION_TLS',
    retryable: false,
    message: 'offers no connection that TLS accepts',
    resolution:
      'Check that <setting> begins with the right one of http:// and https://, the certificate of the server, and the certificate authority that is configured.',
  },
  timeout: {
    code: 'CONNECTION_TIMEOUT',
    retryable: true,
    message: 'gave no complete answer in time',
    resolution: 'Look whether the server is overloaded or hangs, and whether a firewall drops the connection.',
  },
  cancelled: {
    code: 'CANCELLED',
    retryable: false,
    message: 'was not waited for, because the call was cancelled',
    resolution: 'Run the command again.',
  },
  truncated: {
    code: 'PLATFORM_ANSWER_INVALID',
    retryable: true,
    message: 'ended its answer in the middle',
    resolution: 'Try again; if it stays, look into the log of the server or of the proxy before it.',
  },
  too_large: {
    code: 'PLATFORM_ANSWER_INVALID',
    retryable: false,
    message: 'answers with more than is accepted',
    resolution: 'Check that <setting> names the API of the orchestrator.',
  },
  not_http: {
    code: 'CONNECTION_WRONG_ENDPOINT',
    retryable: false,
    message: 'does not speak HTTP on this port',
    resolution: 'Check the port in <setting>, and whether it must begin with https://.',
  },
  redirect: {
    code: 'CONNECTION_WRONG_ENDPOINT',
    retryable: false,
    message: 'redirects elsewhere',
    resolution:
      'Set <setting> to the address of the API itself; a redirect to a login page means that a proxy wants credentials.',
  },
};

const statusRows: Readonly<Record<number, Row>> = {
  401: {
    code: 'CONNECTION_UNAUTHORIZED',
    retryable: false,
    message: 'does not accept the credentials',
    resolution: 'Check the secret that connection_secret_ref names: it is missing, wrong or expired.',
  },
  403: {
    code: 'CONNECTION_FORBIDDEN',
    retryable: false,
    message: 'knows the credentials but does not allow this',
    resolution: 'Give the account of connection_secret_ref the permission, or use another account.',
  },
  404: {
    code: 'CONNECTION_WRONG_ENDPOINT',
    retryable: false,
    message: 'has no such path',
    resolution: 'Check the path in <setting>: a server behind a prefix needs it there.',
  },
  405: {
    code: 'CONNECTION_WRONG_ENDPOINT',
    retryable: false,
    message: 'does not take this kind of request on this path',
    resolution: 'Check that <setting> names the API of the orchestrator and not a page before it.',
  },
  407: {
    code: 'CONNECTION_UNAUTHORIZED',
    retryable: false,
    message: 'is behind a proxy that wants credentials',
    resolution: 'Give the user and the password of the proxy in HTTPS_PROXY, or name the host in NO_PROXY.',
  },
  408: transportRows.timeout,
  409: {
    code: 'PLATFORM_REFUSED',
    retryable: false,
    message: 'refused the request, because it conflicts with what is there',
    resolution: 'Look at the state of the object at the orchestrator, and run the command again.',
  },
  422: {
    code: 'PLATFORM_REFUSED',
    retryable: false,
    message: 'refused the values of the request',
    resolution: 'Check that the version of the orchestrator is one that the plugin supports (`floe doctor`).',
  },
  429: {
    code: 'PLATFORM_REFUSED',
    retryable: true,
    message: 'gets too many requests',
    resolution: 'Wait, and run fewer commands at once; raise the limit at the server or the proxy before it.',
  },
  501: {
    code: 'CONNECTION_WRONG_ENDPOINT',
    retryable: false,
    message: 'does not know this kind of request',
    resolution: 'Check that <setting> names the API of the orchestrator.',
  },
  502: {
    code: 'PLATFORM_UNHEALTHY',
    retryable: true,
    message: 'is not behind its proxy at the moment (502)',
    resolution: 'Look whether the server of the orchestrator runs; the proxy before it does.',
  },
  503: {
    code: 'PLATFORM_UNHEALTHY',
    retryable: true,
    message: 'is not available at the moment (503)',
    resolution: 'Wait until it has started, or look into its log.',
  },
  504: {
    code: 'PLATFORM_UNHEALTHY',
    retryable: true,
    message: 'did not answer its proxy in time (504)',
    resolution: 'Look whether the server of the orchestrator hangs or is overloaded.',
  },
};

const serverError: Row = {
  code: 'PLATFORM_UNHEALTHY',
  retryable: true,
  message: 'failed inside',
  resolution: 'Look into the log of the server.',
};
const clientError: Row = {
  code: 'PLATFORM_REFUSED',
  retryable: false,
  message: 'refused the request',
  resolution: 'Check that the version of the orchestrator is one that the plugin supports (`floe doctor`).',
};
const oddStatus: Row = {
  code: 'PLATFORM_ANSWER_INVALID',
  retryable: false,
  message: 'answers with a status that the API does not have',
  resolution: 'Check that <setting> names the API of the orchestrator.',
};

/** The fault of a request that got no complete answer. */
export function faultOfTransport(fault: TransportFault, context: FaultContext): BackendFault {
  const row = transportRows[fault.kind];
  const detail = fault.redirectTo === undefined ? '' : ` (${fault.redirectTo})`;
  return toFault(row, context, detail);
}

/**
 * The fault of an answer by its status, or undefined for 2xx. Plugins refine what is special to their orchestrator,
 * for example a 404 for a run that does not exist.
 */
export function faultOfStatus(response: HttpResponse, context: FaultContext): BackendFault | undefined {
  const { status } = response;
  if (status >= 200 && status < 300) return undefined;
  const known = statusRows[status];
  const row = known ?? (status >= 500 ? serverError : status >= 400 ? clientError : oddStatus);
  const message = serverMessage(response);
  const detail = `${known === undefined ? ` (${status})` : ''}${message === undefined ? '' : `: ${message}`}`;
  const retryAfter = parseRetryAfter(response.headers['retry-after'], context.now);
  return { ...toFault(row, context, detail), ...(retryAfter !== undefined && { retryAfter }) };
}

/** True if a request with this fault certainly did nothing at the server; false if nobody knows. */
export function provesNothingHappened(kind: TransportFaultKind): boolean {
  return kind === 'unknown_host' || kind === 'refused' || kind === 'tls' || kind === 'redirect';
}

/** `<name> at <address>` without user information and query. */
export function describeServer(name: string, url: string): string {
  return `${name} at ${printableAddress(url)}`;
}

function toFault(row: Row, context: FaultContext, detail: string): BackendFault {
  const setting = context.setting ?? 'url in plugins.orchestrator.config';
  return {
    code: row.code,
    message: `${context.server} ${row.message}${detail}`,
    resolution: row.resolution.replaceAll('<setting>', setting),
    retryable: row.retryable,
  };
}

/** Seconds of a Retry-After header, which is a number or a date; at most one day. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\s*\d{1,9}\s*$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 86_400) : undefined;
}

/** What servers of this kind put into error bodies: one short line, nothing from below the message. */
function serverMessage(response: HttpResponse): string | undefined {
  if (!response.text.trimStart().startsWith('{')) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(response.text);
  } catch {
    return undefined;
  }
  const text = firstText(body, 3);
  const line = text?.split(/\r?\n/).find((candidate) => candidate.trim() !== '');
  return line === undefined ? undefined : line.trim().slice(0, 300);
}

const messageKeys = ['message', 'msg', 'detail', 'details', 'error', 'errors', 'title', 'reason', 'exception_message'];

function firstText(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (depth === 0 || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return firstText(value[0], depth - 1);
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const key of messageKeys) {
    const text = firstText(fields.get(key), depth - 1);
    if (text !== undefined) return text;
  }
  return undefined;
}
