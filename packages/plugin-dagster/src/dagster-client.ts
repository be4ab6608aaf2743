import type { BackendFault } from '@floe/core/execution/run-backend';
import {
  describeServer,
  faultOfStatus,
  faultOfTransport,
  provesNothingHappened,
  type FaultContext,
} from '@floe/core/http/backend-fault';
import type { HttpClient, HttpResponse } from '@floe/core/http/http-client';
import { readJsonBody } from '@floe/core/http/json-body';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { z } from 'zod';
import { cleanMessage } from './dagster-errors.js';
import type { TypedDocumentString } from './generated/graphql.js';

/** A fault, with what is known about its effect. */
export interface DagsterFault extends BackendFault {
  /** True when the request certainly changed nothing; absent when nobody knows. */
  readonly nothingHappened?: boolean;
}

/** An answer, or why there is none. */
export type Answer<Value> = Outcome<Value, DagsterFault>;

/** Talks GraphQL with one Dagster webserver. Nothing is thrown for what the server does. */
export interface DagsterClient {
  /** Address of the webserver without a slash at its end. */
  readonly url: string;
  /**
   * Sends a query or mutation. The schema says what of the answer is read; it is tolerant, so that a newer Dagster
   * with further kinds of answers is understood as far as possible.
   */
  execute<Result extends Input, Variables, Value, Input>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
    schema: z.ZodType<Value, Input>,
    call: CallOptions,
  ): Promise<Answer<Value>>;
  /** Sends a plain GET below the address. */
  get(path: string, call: CallOptions): Promise<Answer<HttpResponse>>;
}

const envelope = z.looseObject({
  data: z.unknown().optional(),
  errors: z.array(z.looseObject({ message: z.string().catch('') })).nullish(),
});

/** @param url address of the webserver with its path prefix, without /graphql */
export function createDagsterClient(http: HttpClient, url: string, clock: Clock): DagsterClient {
  const base = url.replace(/\/+$/u, '').replace(/\/graphql$/u, '');
  const server = describeServer('Dagster', base);
  const context = (): FaultContext => ({ server, now: clock.now() });
  return {
    url: base,
    async execute(document, variables, schema, call) {
      const outcome = await http.send(
        {
          method: 'POST',
          url: `${base}/graphql`,
          headers: { accept: 'application/json' },
          json: { query: document.toString(), variables },
        },
        call,
      );
      if (outcome.kind === 'fault') {
        const fault = faultOfTransport(outcome.fault, context());
        return failure({ ...fault, nothingHappened: provesNothingHappened(outcome.fault.kind) });
      }
      return readAnswer(outcome.response, schema, context());
    },
    async get(path, call) {
      const outcome = await http.send(
        { method: 'GET', url: `${base}${path}`, headers: { accept: 'application/json' } },
        call,
      );
      return outcome.kind === 'fault' ? failure(faultOfTransport(outcome.fault, context())) : success(outcome.response);
    },
  };
}

/** Dagster answers with JSON also at 400 and 500: the body counts before the status. */
function readAnswer<Value>(response: HttpResponse, schema: z.ZodType<Value>, context: FaultContext): Answer<Value> {
  const body = readJsonBody(response, envelope, context);
  const answered = body.ok && (body.value.data !== undefined || body.value.errors != null);
  if (!answered) {
    const fault = faultOfStatus(response, context);
    if (fault !== undefined) return failure({ ...fault, nothingHappened: !fault.retryable });
    return body.ok ? failure(wrongEndpoint(context)) : failure(body.failure);
  }
  const { data, errors } = body.value;
  if (errors != null && errors.length > 0) return failure(faultOfErrors(errors.map((error) => error.message)));
  const parsed = schema.safeParse(data);
  if (parsed.success) return success(parsed.data);
  return failure({
    code: 'PLATFORM_ANSWER_INVALID',
    message: `${context.server} answers with another shape than expected (${issueOf(parsed.error)})`,
    resolution: 'Compare the version of Dagster with the versions that the plugin supports (`floe doctor`).',
    retryable: false,
  });
}

function wrongEndpoint(context: FaultContext): DagsterFault {
  return {
    code: 'CONNECTION_WRONG_ENDPOINT',
    message: `${context.server} answers with JSON, but not with that of GraphQL`,
    resolution: 'Check url in plugins.orchestrator.config: it names the webserver of Dagster with its path prefix.',
    retryable: false,
    nothingHappened: true,
  };
}

const otherVersion = /Cannot query field|Unknown (argument|type|fragment)|is not defined by type|Unknown field/u;

function faultOfErrors(messages: readonly string[]): DagsterFault {
  const message = cleanMessage(messages[0] ?? '');
  if (messages.some((text) => otherVersion.test(text))) {
    return {
      code: 'PLATFORM_VERSION',
      message: `This Dagster does not know a part of floe's question: ${message}`,
      resolution: 'Use a version of Dagster that the plugin supports (`floe doctor`).',
      retryable: false,
      nothingHappened: true,
    };
  }
  return {
    code: 'PLATFORM_REFUSED',
    message: `Dagster could not answer: ${message}`,
    resolution: "Look into the webserver's log for more; if it is a passing fault, try again.",
    retryable: false,
  };
}

function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'unknown';
  return `${issue.path.join('.')}: ${issue.message}`;
}
