import type { BackendFault } from '@floe/core/execution/run-backend';
import { faultOfStatus, type FaultContext } from '@floe/core/http/backend-fault';
import type { HttpResponse } from '@floe/core/http/http-client';
import { z } from 'zod';

/** A fault, with what is known about it. */
export interface PrefectFault extends BackendFault {
  /** Status of the answer; absent when none came. */
  readonly status?: number;
  /** True when the request certainly changed nothing; absent when nobody knows. */
  readonly nothingHappened?: boolean;
}

const issueSchema = z.looseObject({ loc: z.array(z.union([z.string(), z.number()])).catch([]), msg: z.string() });
const bodySchema = z.looseObject({
  detail: z.union([z.string(), z.array(issueSchema)]).optional(),
  exception_message: z.string().optional(),
  exception_detail: z.array(issueSchema).optional(),
});

/** Statuses that are answered before anything was written, or with everything taken back. */
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** True when the same request may succeed a moment later; Prefect's own client repeats these too. */
export function isPassing(status: number): boolean {
  return passingStatuses.has(status);
}

/**
 * What Prefect says about a refused request, in one line. Bodies have three shapes; of a request that does not
 * validate only the place and the rule are taken, never the values, which Prefect echoes.
 */
export function messageOf(response: HttpResponse): string | undefined {
  const body = parseBody(response.text);
  if (body === undefined) return undefined;
  const issues = body.exception_detail ?? (Array.isArray(body.detail) ? body.detail : undefined);
  if (issues !== undefined && issues.length > 0) return issues.slice(0, 3).map(describeIssue).join('; ');
  const text = typeof body.detail === 'string' ? body.detail : body.exception_message;
  return text?.split(/\r?\n/u)[0]?.trim().slice(0, 500);
}

function parseBody(text: string): z.infer<typeof bodySchema> | undefined {
  try {
    return bodySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function describeIssue({ loc, msg }: z.infer<typeof issueSchema>): string {
  const place = loc.filter((part) => part !== 'body' && !/[[\]()]/u.test(String(part))).join('.');
  const rule = msg.replace(/^Value error, /u, '').trim();
  return place === '' ? rule : `${place}: ${rule}`;
}

/** The fault of an answer, or undefined for 2xx. */
export function faultOfResponse(response: HttpResponse, context: FaultContext): PrefectFault | undefined {
  const general = faultOfStatus({ ...response, text: '' }, context);
  if (general === undefined) return undefined;
  const { status } = response;
  const said = messageOf(response);
  const nothingHappened = status < 500 || status === 503;
  const fault = { ...general, status, nothingHappened };
  if (status === 400 && said !== undefined && /api version/iu.test(said)) {
    return {
      ...fault,
      code: 'PLATFORM_VERSION',
      message: `${context.server} speaks another version of its REST interface than the plugin: ${said}`,
      resolution:
        'Use a version of Prefect that the plugin supports (`floe doctor`), or another version of the plugin.',
    };
  }
  if (status === 403 && isCsrfRefusal(response)) {
    return {
      ...fault,
      code: 'CONNECTION_FORBIDDEN',
      message: `${context.server} wants a CSRF token and does not take the one it gave: ${said ?? ''}`,
      resolution: 'Check that a proxy before it lets the headers Prefect-Csrf-Token and Prefect-Csrf-Client through.',
    };
  }
  if (status === 404 && said !== undefined && said !== 'Not Found') {
    return {
      ...fault,
      code: 'PLATFORM_REFUSED',
      message: `${context.server} does not know what was asked for: ${said}`,
      resolution: 'Deploy the product (`floe deploy`), and check that url leads to the right Prefect.',
    };
  }
  if (status === 404) {
    return {
      ...fault,
      resolution:
        'Check url in plugins.orchestrator.config: it ends with /api, or with the base path that the server is configured with.',
    };
  }
  return said === undefined ? fault : { ...fault, message: `${general.message}: ${said}` };
}

/** True when Prefect asks for a CSRF token. */
export function isCsrfRefusal(response: HttpResponse): boolean {
  return response.status === 403 && /csrf/iu.test(messageOf(response) ?? '');
}

/** An answer that floe does not understand: a newer Prefect. */
export function unexpectedAnswer(what: string): PrefectFault {
  return {
    code: 'PLATFORM_ANSWER_INVALID',
    message: `Prefect answered ${what} in a way that floe does not know.`,
    resolution: 'Compare the version of Prefect with the versions that the plugin supports (`floe doctor`).',
    retryable: false,
  };
}
