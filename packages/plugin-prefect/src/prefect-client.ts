import {
  describeServer,
  faultOfTransport,
  provesNothingHappened,
  type FaultContext,
} from '@floe/core/http/backend-fault';
import type { HttpClient, HttpOutcome, HttpRequest, HttpResponse } from '@floe/core/http/http-client';
import { readJsonBody } from '@floe/core/http/json-body';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import type { Random } from '@floe/core/time/random';
import { z } from 'zod';
import { faultOfResponse, isCsrfRefusal, isPassing, type PrefectFault } from './prefect-errors.js';
import { prefectApiVersion } from './prefect-versions.js';

/** An answer, or why there is none. */
export type Answer<Value> = Outcome<Value, PrefectFault>;

export interface PrefectRequest {
  readonly method: HttpRequest['method'];
  /** Below the root of the API, with a slash at its begin. */
  readonly path: string;
  readonly json?: unknown;
  /**
   * True when doing it twice is the same as doing it once: then it is also repeated when the answer is lost. Default:
   * true for GET, PUT and DELETE and for questions (`/filter`, `/count`, `/paginate`).
   */
  readonly repeatable?: boolean;
  /** False asks once only, for a check of the server itself; default true. */
  readonly patient?: boolean;
}

/** Talks REST with one Prefect server or workspace. Nothing is thrown for what the server does. */
export interface PrefectClient {
  /** Root of the API without a slash at its end. */
  readonly url: string;
  /** Sends a request and reads its JSON; busy answers (503 and the like) are repeated within the limit of the call. */
  ask<Schema extends z.ZodType>(
    request: PrefectRequest,
    schema: Schema,
    call: CallOptions,
  ): Promise<Answer<z.infer<Schema>>>;
  /** The same, for an answer that says nothing. */
  tell(request: PrefectRequest, call: CallOptions): Promise<Answer<void>>;
}

export interface PrefectClientContext {
  readonly clock: Clock;
  readonly random: Random;
}

const firstPauseMs = 150;
const longestPauseMs = 4_000;
/** Answers that may be lost on the way; a server that is not there at all is for the caller to wait for. */
const mostLost = 2;
/** Part of a pause that chance takes away, so that several clients do not come back together. */
const jitter = 0.3;

/** @param url root of the API with /api */
export function createPrefectClient(http: HttpClient, url: string, context: PrefectClientContext): PrefectClient {
  const transport = new PrefectTransport(http, url.replace(/\/+$/u, ''), context);
  return {
    url: transport.url,
    async ask(request, schema, call) {
      const answer = await transport.send(request, call);
      return answer.ok ? readJsonBody(answer.value, schema, transport.faultContext()) : answer;
    },
    async tell(request, call) {
      const answer = await transport.send(request, call);
      return answer.ok ? success(undefined) : answer;
    },
  };
}

const csrfToken = z.looseObject({ token: z.string(), client: z.string() });
type CsrfToken = z.infer<typeof csrfToken>;

class PrefectTransport {
  readonly url: string;
  readonly #http: HttpClient;
  readonly #context: PrefectClientContext;
  readonly #server: string;
  #csrf: CsrfToken | undefined;

  constructor(http: HttpClient, url: string, context: PrefectClientContext) {
    this.url = url;
    this.#http = http;
    this.#context = context;
    this.#server = describeServer('Prefect', url);
  }

  faultContext(): FaultContext {
    return { server: this.#server, now: this.#context.clock.now() };
  }

  async send(request: PrefectRequest, call: CallOptions): Promise<Answer<HttpResponse>> {
    const { clock, random } = this.#context;
    const end = clock.now() + call.timeoutMs;
    const { patient = true, repeatable = isRepeatable(request) } = request;
    let lost = 0;
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      const left = { signal: call.signal, timeoutMs: end - clock.now() };
      const answer = this.#read(await this.#sendWithToken(request, left));
      if (answer.ok || !patient || !answer.failure.retryable) return answer;
      const { status, nothingHappened = false, retryAfter } = answer.failure;
      if (status === undefined) lost += 1;
      const mayRepeat = status === undefined ? lost <= mostLost && repeatable : repeatable || nothingHappened;
      const wait = Math.max((retryAfter ?? 0) * 1_000, pause * (1 - jitter * random.fraction()));
      if (!mayRepeat || clock.now() + wait >= end) return answer;
      try {
        await clock.sleep(wait, call.signal);
      } catch {
        return answer;
      }
    }
  }

  /** A server with CSRF protection refuses every change without a token, which is good for an hour. */
  async #sendWithToken(request: PrefectRequest, call: CallOptions): Promise<HttpOutcome> {
    const outcome = await this.#sendOnce(request, call);
    if (outcome.kind === 'fault' || !isCsrfRefusal(outcome.response)) return outcome;
    const client = this.#context.random.uuid();
    const given = await this.#sendOnce({ method: 'GET', path: `/csrf-token?client=${client}` }, call);
    if (given.kind === 'fault') return given;
    const token = readJsonBody(given.response, csrfToken, this.faultContext());
    if (!token.ok) return outcome;
    this.#csrf = token.value;
    return this.#sendOnce(request, call);
  }

  #sendOnce({ method, path, json }: PrefectRequest, call: CallOptions): Promise<HttpOutcome> {
    const token = this.#csrf;
    return this.#http.send(
      {
        method,
        url: `${this.url}${path}`,
        headers: {
          accept: 'application/json',
          'user-agent': 'floe-plugin-prefect',
          'x-prefect-api-version': prefectApiVersion,
          ...(token !== undefined &&
            method !== 'GET' && { 'prefect-csrf-token': token.token, 'prefect-csrf-client': token.client }),
        },
        ...(json !== undefined && { json }),
      },
      call,
    );
  }

  #read(outcome: HttpOutcome): Answer<HttpResponse> {
    if (outcome.kind === 'fault') {
      const fault = faultOfTransport(outcome.fault, this.faultContext());
      return failure({ ...fault, ...(provesNothingHappened(outcome.fault.kind) && { nothingHappened: true }) });
    }
    const fault = faultOfResponse(outcome.response, this.faultContext());
    if (fault === undefined) return success(outcome.response);
    const { status } = outcome.response;
    return failure({ ...fault, retryable: isPassing(status) || (fault.retryable && status >= 500) });
  }
}

function isRepeatable({ method, path }: PrefectRequest): boolean {
  return method !== 'POST' && method !== 'PATCH' ? true : /\/(?:filter|count|paginate)$/u.test(path);
}
