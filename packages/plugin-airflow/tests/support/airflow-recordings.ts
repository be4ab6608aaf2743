import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HttpClient, HttpRequest, HttpResponse } from '@floe/core/http/http-client';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import type { Clock } from '@floe/core/time/clock';
import { z } from 'zod';
import { createAirflowClient, type AirflowClient } from '../../src/airflow-client.js';
import { createAirflowTokens } from '../../src/airflow-tokens.js';

const recording = z.object({ status: z.number(), headers: z.record(z.string(), z.string()), json: z.unknown() });

/** An answer of a real Airflow 3.3.2 from `__fixtures__`. */
export function recorded(name: string): HttpResponse {
  const file = fileURLToPath(new URL(`../../src/__fixtures__/${name}.json`, import.meta.url));
  const { status, headers, json } = recording.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { status, headers, text: JSON.stringify(json) };
}

/** The JSON of a recorded answer. */
export function recordedJson(name: string): Readonly<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(recorded(name).text));
}

/** An answer with JSON. */
export function answer(json: unknown, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(json) };
}

/** What a client without network asked for. */
export interface AskedRequest {
  readonly name: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly json: unknown;
  readonly authorization: string | undefined;
}

export type Reply = HttpResponse | ((asked: AskedRequest) => HttpResponse);

/** A client without network: each request is answered by its method and path; unknown things are not found. */
export class ScriptedHttp implements HttpClient {
  readonly asked: AskedRequest[] = [];
  readonly #replies: Readonly<Record<string, Reply>>;

  /** @param replies by `GET /api/v2/dags/x`, without the query */
  constructor(replies: Readonly<Record<string, Reply>>) {
    this.#replies = { 'POST /auth/token': recorded('token-ok'), ...replies };
  }

  send(request: HttpRequest): ReturnType<HttpClient['send']> {
    const { pathname, searchParams } = new URL(request.url);
    const name = `${request.method} ${pathname}`;
    const asked = {
      name,
      path: pathname,
      query: searchParams,
      json: request.json,
      authorization: request.headers?.authorization,
    };
    this.asked.push(asked);
    const reply = this.#replies[name] ?? recorded('dag-unknown');
    return Promise.resolve({ kind: 'response', response: typeof reply === 'function' ? reply(asked) : reply });
  }

  /** Requests of a name. */
  count(name: string): number {
    return this.asked.filter((asked) => asked.name === name).length;
  }
}

/** A client that logs in as a user. */
export function scriptedClient(http: HttpClient, clock: Clock): AirflowClient {
  const url = 'http://airflow:8080';
  const credentials = { kind: 'basic', username: 'admin', password: 'secret' } as const;
  const tokens = createAirflowTokens({ http, url, credentials, clock, redactor: createRedactor() });
  return createAirflowClient(http, url, tokens, clock);
}
