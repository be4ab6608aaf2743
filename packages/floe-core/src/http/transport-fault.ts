import { printableAddress } from './address.js';
import type { TransportFault, TransportFaultKind } from './http-client.js';

/** Codes of Node, OpenSSL, the HTTP parser and axios, by what they mean for the caller. */
const kindByCode: Readonly<Record<string, TransportFaultKind>> = {
  ENOTFOUND: 'unknown_host',
  EAI_AGAIN: 'unknown_host',
  EAI_FAIL: 'unknown_host',
  EAI_NONAME: 'unknown_host',
  EAI_NODATA: 'unknown_host',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  Z_BUF_ERROR: 'truncated',
  Z_DATA_ERROR: 'truncated',
  ERR_BAD_RESPONSE: 'truncated',
};
const tlsCode =
  /^(?:CERT_|CRL_|ERR_TLS_|ERR_SSL_|ERR_OSSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_)/;

/**
 * What an error of a request means. Only its codes and its kind of message are read: the error itself holds the
 * request with its secret headers and goes no further.
 */
export function kindOfError(error: unknown): TransportFaultKind {
  const codes = codesOf(error);
  const message = messageOf(error);
  if (message.includes('maxContentLength')) return 'too_large';
  for (const code of codes) {
    if (code.startsWith('HPE_')) return 'not_http';
    if (tlsCode.test(code)) return 'tls';
  }
  // A server that ends in the middle of its body gives the code of a reset, but the answer had begun.
  if (/\baborted\b/.test(message)) return 'truncated';
  for (const code of codes) {
    const kind = kindByCode[code];
    if (kind !== undefined) return kind;
  }
  return 'network';
}

/** A fault with a message that names the place, never the request. */
export function transportFault(kind: TransportFaultKind, url: string, detail?: string): TransportFault {
  const place = printableAddress(url);
  return {
    kind,
    message: detail === undefined ? `${place} ${sentences[kind]}` : `${place} ${sentences[kind]}: ${detail}`,
  };
}

const sentences: Readonly<Record<TransportFaultKind, string>> = {
  unknown_host: 'has a host name that nobody knows',
  refused: 'refused the connection',
  reset: 'closed the connection before it answered',
  tls: 'offers no connection that TLS accepts',
  timeout: 'gave no complete answer in time',
  cancelled: 'was not waited for, because the call was cancelled',
  truncated: 'ended its answer in the middle',
  too_large: 'answers with more than is accepted',
  not_http: 'does not speak HTTP',
  redirect: 'redirects elsewhere',
  network: 'cannot be reached',
};

/** The word of OpenSSL for what is wrong with a certificate; it holds no secret. */
export function tlsDetail(error: unknown): string | undefined {
  return codesOf(error).find((code) => tlsCode.test(code) || code === 'EPROTO');
}

/** Codes of an error and of its causes, the outermost first. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    if ('code' in current && typeof current.code === 'string') codes.push(current.code);
    current = 'cause' in current ? current.cause : undefined;
  }
  return codes;
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : '';
}
