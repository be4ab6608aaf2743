import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HttpClient, HttpRequest, HttpResponse } from '@floe/core/http/http-client';
import { z } from 'zod';

const recording = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  json: z.unknown().optional(),
  text: z.string().optional(),
});

/** An answer of a real Dagster 1.13.27 from `__fixtures__`, without stack traces. */
export function recorded(name: string): HttpResponse {
  const file = fileURLToPath(new URL(`../../src/__fixtures__/${name}.json`, import.meta.url));
  const { status, headers, json, text } = recording.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { status, headers, text: text ?? JSON.stringify(json) };
}

/** The `data` of a recorded answer. */
export function recordedData(name: string): Readonly<Record<string, unknown>> {
  return z.object({ data: z.record(z.string(), z.unknown()) }).parse(JSON.parse(recorded(name).text)).data;
}

/** An answer with data. */
export function answer(data: Readonly<Record<string, unknown>>, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify({ data }) };
}

/** What a request to GraphQL asks for. */
export interface AskedOperation {
  readonly operation: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const body = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()) });

/** Name and variables of the operation in a request. */
export function operationOf(request: HttpRequest): AskedOperation {
  const { query, variables } = body.parse(request.json);
  const operation = /(?:query|mutation) (\w+)/u.exec(query)?.[1] ?? '';
  return { operation, variables };
}

/** A client without network: each request is answered by its operation. */
export class ScriptedHttp implements HttpClient {
  readonly asked: AskedOperation[] = [];
  readonly #answers: Readonly<Record<string, (asked: AskedOperation) => HttpResponse>>;

  constructor(answers: Readonly<Record<string, HttpResponse | ((asked: AskedOperation) => HttpResponse)>>) {
    this.#answers = Object.fromEntries(
      Object.entries(answers).map(([name, value]) => [name, typeof value === 'function' ? value : () => value]),
    );
  }

  send(request: HttpRequest): ReturnType<HttpClient['send']> {
    const asked = operationOf(request);
    this.asked.push(asked);
    const reply = this.#answers[asked.operation];
    if (reply === undefined) throw new TypeError(`no answer for ${asked.operation}`);
    return Promise.resolve({ kind: 'response', response: reply(asked) });
  }
}
