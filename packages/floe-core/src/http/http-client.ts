import type { CallOptions } from '../time/call-options.js';

/** One request. The URL carries no credentials; secret headers come from the client's own settings. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
}

/** An answer with any status; the body is complete and within the size limit. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Why no complete answer arrived. */
export type TransportFaultKind =
  | 'unknown_host'
  | 'refused'
  | 'reset'
  | 'tls'
  | 'timeout'
  | 'cancelled'
  | 'truncated'
  | 'too_large'
  | 'not_http'
  | 'redirect'
  | 'network';

/** A request that got no complete answer. `message` holds no secret. */
export interface TransportFault {
  readonly kind: TransportFaultKind;
  readonly message: string;
  /** The Location of a refused redirect, without query and user information. */
  readonly redirectTo?: string;
}

/** What a request ends with; statuses are for the caller to judge. */
export type HttpOutcome =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  | { readonly kind: 'fault'; readonly fault: TransportFault };

/** Sends requests under one deadline that includes the body. Redirects are not followed. */
export interface HttpClient {
  send(request: HttpRequest, options: CallOptions): Promise<HttpOutcome>;
}

/** How to reach a server; header values are secrets. */
export interface HttpClientSettings {
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM text of a private certificate authority. */
  readonly certificateAuthority?: string;
  /** PEM texts of a client certificate. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** Bytes of body that are accepted; default 32 MiB. */
  readonly maxBodyBytes?: number;
}

/** Makes a client; injected into plugins so that tests can put a faulty network in between. */
export type HttpClientFactory = (settings: HttpClientSettings) => HttpClient;
