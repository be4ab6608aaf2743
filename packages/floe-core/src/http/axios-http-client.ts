import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { getCACertificates } from 'node:tls';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { CallOptions } from '../time/call-options.js';
import { printableAddress } from './address.js';
import { environmentProxy } from './environment-proxy.js';
import type { HttpClientFactory, HttpClientSettings, HttpOutcome, HttpRequest } from './http-client.js';
import { kindOfError, tlsDetail, transportFault } from './transport-fault.js';

const defaultMaxBodyBytes = 32 * 1024 * 1024;

/**
 * Makes a client on axios: one deadline over connection, headers and body; every status is an answer; redirects are
 * faults; proxy variables (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) count except for this machine itself. Settings live in a
 * closure and no error of axios leaves it, so secret headers cannot be reached from outside.
 */
export const createHttpClient: HttpClientFactory = (settings) => {
  const instance = createInstance(settings);
  const secretHeaders = Object.entries(settings.headers ?? {}).map(([name, value]) => [name, value.trim()] as const);
  return {
    async send(request, options) {
      const forbidden = secretHeaders.find(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value));
      if (forbidden !== undefined) {
        return fault(
          'network',
          request.url,
          `the value of the header ${forbidden[0]} has signs that HTTP does not allow`,
        );
      }
      return send(
        instance,
        { ...request, headers: { ...request.headers, ...Object.fromEntries(secretHeaders) } },
        options,
      );
    },
  };
};

function createInstance(settings: HttpClientSettings): AxiosInstance {
  const { certificateAuthority, clientCertificate } = settings;
  return axios.create({
    adapter: 'http',
    maxRedirects: 0,
    maxBodyLength: Infinity,
    maxContentLength: settings.maxBodyBytes ?? defaultMaxBodyBytes,
    responseType: 'text',
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
    // A connection of its own for each request: a kept one may be closed already, and then nobody knows what arrived.
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({
      keepAlive: false,
      ...(certificateAuthority !== undefined && { ca: [...getCACertificates('default'), certificateAuthority] }),
      ...(clientCertificate !== undefined && { cert: clientCertificate.certificate, key: clientCertificate.key }),
    }),
  });
}

async function send(instance: AxiosInstance, request: HttpRequest, options: CallOptions): Promise<HttpOutcome> {
  if (options.signal.aborted) return fault('cancelled', request.url);
  if (options.timeoutMs <= 0) return fault('timeout', request.url);
  if (!URL.canParse(request.url)) return fault('network', request.url);

  // axios hides why it was aborted, so the reason is kept here.
  let reason: 'timeout' | 'cancelled' | undefined;
  const controller = new AbortController();
  const stop = (why: 'timeout' | 'cancelled'): void => {
    reason ??= why;
    controller.abort();
  };
  const timer = setTimeout(() => {
    stop('timeout');
  }, options.timeoutMs);
  const onAbort = (): void => {
    stop('cancelled');
  };
  options.signal.addEventListener('abort', onAbort, { once: true });

  try {
    const response = await instance.request<unknown>({
      method: request.method,
      url: request.url,
      headers: {
        accept: 'application/json, */*;q=0.1',
        'user-agent': 'floe',
        ...(request.json !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.json !== undefined && { data: JSON.stringify(request.json) }),
      proxy: environmentProxy(new URL(request.url), process.env) ?? false,
      signal: controller.signal,
    });
    return outcomeOf(response, request.url);
  } catch (error) {
    const kind = reason ?? kindOfError(error);
    return fault(kind, request.url, kind === 'tls' ? tlsDetail(error) : undefined);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', onAbort);
  }
}

function outcomeOf(response: AxiosResponse, url: string): HttpOutcome {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && value !== null)
      headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  const { location } = headers;
  if (response.status >= 300 && response.status < 400 && location !== undefined) {
    const redirectTo = URL.canParse(location, url)
      ? printableAddress(new URL(location, url).href)
      : 'an address that is no URL';
    const { message } = transportFault('redirect', url, redirectTo);
    return { kind: 'fault', fault: { kind: 'redirect', message, redirectTo } };
  }
  const text = typeof response.data === 'string' ? response.data : '';
  return { kind: 'response', response: { status: response.status, headers, text } };
}

function fault(kind: Parameters<typeof transportFault>[0], url: string, detail?: string): HttpOutcome {
  return { kind: 'fault', fault: transportFault(kind, url, detail) };
}
