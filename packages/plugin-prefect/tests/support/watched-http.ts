import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { HttpClientFactory, HttpRequest } from '@floe/core/http/http-client';

/** HTTP of a plugin, watched and disturbed. */
export interface WatchedHttp {
  readonly http: HttpClientFactory;
  /** Requests that could have changed something, as `METHOD /path`. */
  readonly changes: string[];
  /** Requests that were turned away with 503. */
  readonly refused: () => number;
}

/** Real HTTP that notes each change; requests for which `isBusy` says so get the answer of a locked database. */
export function watchHttp(isBusy: (count: number) => boolean = () => false): WatchedHttp {
  const changes: string[] = [];
  let count = 0;
  let refused = 0;
  const http: HttpClientFactory = (settings) => {
    const client = createHttpClient(settings);
    return {
      send: async (request, call) => {
        count += 1;
        if (isBusy(count)) {
          refused += 1;
          const text = '{"exception_message":"Service Unavailable"}';
          return {
            kind: 'response',
            response: { status: 503, headers: { 'content-type': 'application/json' }, text },
          };
        }
        if (changesSomething(request)) changes.push(`${request.method} ${new URL(request.url).pathname}`);
        return client.send(request, call);
      },
    };
  };
  return { http, changes, refused: () => refused };
}

function changesSomething({ method, url }: HttpRequest): boolean {
  return method !== 'GET' && !/\/(?:filter|count|paginate)$/u.test(new URL(url).pathname);
}
