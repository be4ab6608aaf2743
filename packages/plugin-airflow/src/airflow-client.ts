import type { BackendFault } from '@floe/core/execution/run-backend';
import {
  describeServer,
  faultOfTransport,
  provesNothingHappened,
  type FaultContext,
} from '@floe/core/http/backend-fault';
import type { HttpClient, HttpOutcome, HttpResponse } from '@floe/core/http/http-client';
import { readJsonBody } from '@floe/core/http/json-body';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { z } from 'zod';
import { faultOfAnswer } from './airflow-errors.js';
import type { AirflowTokens } from './airflow-tokens.js';

/** A fault, with what is known about it. */
export interface AirflowFault extends BackendFault {
  /** HTTP status of Airflow's own answer; absent when none arrived, or when it was not Airflow that answered. */
  readonly status?: number;
  /** Airflow's own words, in one line. */
  readonly detail?: string;
  /** True when the request certainly changed nothing; absent when nobody knows. */
  readonly nothingHappened?: boolean;
}

/** An answer, or why there is none. */
export type Answer<Value> = Outcome<Value, AirflowFault>;

export interface AirflowRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the address, every part of it encoded. */
  readonly path: string;
  /** A list gives the key several times. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly json?: unknown;
  /** True for the routes that need no token. */
  readonly anonymous?: boolean;
}

/** Talks REST with one Airflow API server. Nothing is thrown for what the server does. */
export interface AirflowClient {
  /** Address of the API server without a slash at its end. */
  readonly url: string;
  /** Sends a request; the schema says what of the answer is read, and lets fields that it does not know pass. */
  send<Value>(request: AirflowRequest, schema: z.ZodType<Value>, call: CallOptions): Promise<Answer<Value>>;
  /** Like `send`, with the answer as it came. */
  fetch(request: AirflowRequest, call: CallOptions): Promise<Answer<HttpResponse>>;
}

/** `/api/v2` and parts that may hold any character. */
export function apiPath(...parts: readonly string[]): string {
  return `/api/v2/${parts.map(encodeURIComponent).join('/')}`;
}

/** For answers whose body says nothing. */
export const anyAnswer: z.ZodType = z.unknown();

/** @param url address of the API server with its path prefix, without /api/v2 */
export function createAirflowClient(http: HttpClient, url: string, tokens: AirflowTokens, clock: Clock): AirflowClient {
  const base = baseAddress(url);
  const server = describeServer('Airflow', base);
  const context = (): FaultContext => ({ server, now: clock.now() });

  const sendOnce = async (
    request: AirflowRequest,
    token: string | undefined,
    call: CallOptions,
  ): Promise<Answer<HttpResponse>> => {
    const message = {
      method: request.method,
      url: `${base}${request.path}${queryText(request.query)}`,
      headers: { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(request.json !== undefined && { json: request.json }),
    };
    const first = await http.send(message, call);
    const outcome = isLost(first) && request.method === 'GET' ? await http.send(message, call) : first;
    if (outcome.kind === 'response') return success(outcome.response);
    const fault = faultOfTransport(outcome.fault, context());
    return failure({ ...fault, nothingHappened: provesNothingHappened(outcome.fault.kind) });
  };

  const fetch = async (request: AirflowRequest, call: CallOptions): Promise<Answer<HttpResponse>> => {
    const began = clock.now();
    const left = (): CallOptions => ({ ...call, timeoutMs: Math.max(1, call.timeoutMs - (clock.now() - began)) });
    if (request.anonymous === true) return sendOnce(request, undefined, call);
    const token = await tokens.current(left());
    if (!token.ok) return token;
    const answer = await sendOnce(request, token.value, left());
    if (!answer.ok || !isTokenRefused(answer.value)) return answer;
    const renewed = await tokens.renew(token.value, left());
    if (!renewed.ok) return renewed;
    return renewed.value === token.value ? answer : sendOnce(request, renewed.value, left());
  };

  return {
    url: base,
    fetch,
    async send(request, schema, call) {
      const answer = await fetch(request, call);
      if (!answer.ok) return answer;
      const fault = faultOfAnswer(answer.value, context());
      if (fault !== undefined) return failure(fault);
      if (answer.value.status === 204) return readNothing(schema, context());
      return readJsonBody(answer.value, schema, context());
    },
  };
}

/** The connection was cut: whoever only asks can ask again at once. */
function isLost(outcome: HttpOutcome): boolean {
  return outcome.kind === 'fault' && (outcome.fault.kind === 'reset' || outcome.fault.kind === 'truncated');
}

/** The address without what people copy along with it. */
export function baseAddress(url: string): string {
  return url.replace(/\/+$/u, '').replace(/\/api\/v\d+$/u, '');
}

/** 401 says expired or missing; 403 with these words that the secret of the server was changed. */
function isTokenRefused({ status, text }: HttpResponse): boolean {
  return status === 401 || (status === 403 && text.slice(0, 1_000).includes('Invalid JWT token'));
}

function readNothing<Value>(schema: z.ZodType<Value>, context: FaultContext): Answer<Value> {
  const parsed = schema.safeParse(null);
  if (parsed.success) return success(parsed.data);
  return failure({
    code: 'PLATFORM_ANSWER_INVALID',
    message: `${context.server} answers with nothing`,
    resolution: 'Check that the version of the orchestrator is one that the plugin supports (`floe doctor`).',
    retryable: false,
  });
}

function queryText(query: AirflowRequest['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'object') for (const item of value) parameters.append(name, item);
    else parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
