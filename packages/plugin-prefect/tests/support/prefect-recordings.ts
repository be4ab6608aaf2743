import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HttpClient, HttpOutcome, HttpRequest, HttpResponse } from '@floe/core/http/http-client';
import { createSeededRandom } from '@floe/core/testing/seeded-random';
import { FakeClock } from '@floe/core/testing/fake-clock';
import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import { createPrefectClient, type PrefectClient } from '../../src/prefect-client.js';

const recording = z.object({ status: z.number(), json: z.unknown() });

/** An answer of a real Prefect 3.9.1 from `__fixtures__`. */
export function recorded(name: string): HttpResponse {
  const file = fileURLToPath(new URL(`../../src/__fixtures__/${name}.json`, import.meta.url));
  const { status, json } = recording.parse(JSON.parse(readFileSync(file, 'utf8')));
  return answer(json, status);
}

/** The body of a recorded answer. */
export function recordedBody<Schema extends z.ZodType>(name: string, schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(recorded(name).text));
}

/** An answer with JSON. */
export function answer(json: unknown, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(json) };
}

/** A request as Prefect gets it. */
export interface AskedRequest {
  readonly method: HttpRequest['method'];
  /** Below /api. */
  readonly path: string;
  readonly json: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

type Reply = HttpResponse | HttpOutcome | ((asked: AskedRequest) => HttpResponse | HttpOutcome);

/** A client without network: requests are answered by `METHOD /path`; `*` at the end stands for any rest. */
export class ScriptedHttp implements HttpClient {
  readonly asked: AskedRequest[] = [];
  readonly #replies: Readonly<Record<string, Reply>>;

  constructor(replies: Readonly<Record<string, Reply>>) {
    this.#replies = replies;
  }

  send({ method, url, json, headers = {} }: HttpRequest): Promise<HttpOutcome> {
    const path = url.replace(/^https?:\/\/[^/]+(?:\/api)?/u, '');
    const asked = { method, path, json, headers };
    this.asked.push(asked);
    const key = `${method} ${path}`;
    const pattern = Object.keys(this.#replies).find(
      (name) => name === key || (name.endsWith('*') && key.startsWith(name.slice(0, -1))),
    );
    const reply = pattern === undefined ? undefined : this.#replies[pattern];
    if (reply === undefined) throw new TypeError(`no answer for ${key}`);
    const value = typeof reply === 'function' ? reply(asked) : reply;
    return Promise.resolve('kind' in value ? value : { kind: 'response', response: value });
  }

  /** Bodies that were sent to a path. */
  bodies(method: HttpRequest['method'], path: string): unknown[] {
    return this.asked.filter((asked) => asked.method === method && asked.path === path).map(({ json }) => json);
  }
}

export interface ScriptedPrefect {
  readonly client: PrefectClient;
  readonly http: ScriptedHttp;
  readonly clock: FakeClock;
}

/** A client of a scripted Prefect with a clock that jumps over every wait. */
export function scriptedPrefect(
  replies: Readonly<Record<string, Reply>>,
  clock: FakeClock = new FakeClock(),
): ScriptedPrefect {
  const http = new ScriptedHttp(replies);
  const client = createPrefectClient(http, 'http://prefect:4200/api', { clock, random: createSeededRandom(1) });
  return { client, http, clock };
}

/** A call that nobody ends. */
export const call: CallOptions = { signal: new AbortController().signal, timeoutMs: 10_000 };
