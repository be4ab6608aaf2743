import { faultOfStatus, type FaultContext } from '@floe/core/http/backend-fault';
import type { HttpResponse } from '@floe/core/http/http-client';
import { isHtml } from '@floe/core/http/json-body';
import { z } from 'zod';
import type { AirflowFault } from './airflow-client.js';

const longestMessage = 2_000;

const errorBody = z.looseObject({
  detail: z.union([
    z.string(),
    z.looseObject({ reason: z.string().catch('') }),
    z.array(z.looseObject({ msg: z.string().catch(''), loc: z.array(z.union([z.string(), z.number()])).catch([]) })),
  ]),
});

/** What an answer with a status of 400 and above means; undefined for the others. */
export function faultOfAnswer(response: HttpResponse, context: FaultContext): AirflowFault | undefined {
  const fault = faultOfStatus(response, context);
  if (fault === undefined) return undefined;
  const detail = detailOf(response);
  const harmless = !fault.retryable;
  if (detail === undefined) {
    // Airflow answers with JSON; another answer comes from something before it.
    return { ...fault, ...(isHtml(response) ? {} : { status: response.status }), nothingHappened: harmless };
  }
  const known = { status: response.status, detail, nothingHappened: harmless };
  if (response.status === 403 && detail.includes('Invalid JWT token')) {
    return {
      ...known,
      code: 'CONNECTION_UNAUTHORIZED',
      message: `${context.server} does not accept the token, which was signed with another secret`,
      resolution:
        'Give a new token; if one that was made a moment ago is refused too, all API servers must share one jwt_secret.',
      retryable: false,
    };
  }
  if (response.status === 401 && /Token Expired/iu.test(detail)) {
    return {
      ...known,
      code: 'CONNECTION_UNAUTHORIZED',
      message: `${context.server} does not accept the token any more: it has expired`,
      resolution: 'Give a new token, or username and password, with which floe gets tokens by itself.',
      retryable: false,
    };
  }
  if (response.status === 409) {
    return { ...known, ...fault, message: `${context.server} refused the request: ${detail}` };
  }
  return { ...fault, ...known };
}

/** Airflow's own words about an error, in one line and without what was sent. */
export function detailOf(response: HttpResponse): string | undefined {
  if (!response.text.trimStart().startsWith('{')) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(response.text);
  } catch {
    return undefined;
  }
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { detail } = parsed.data;
  if (typeof detail === 'string') return oneLine(detail);
  if (!Array.isArray(detail)) return oneLine(detail.reason);
  return oneLine(detail.map(({ msg, loc }) => `${loc.slice(1).join('.')}: ${msg}`).join('; '));
}

function oneLine(text: string): string {
  return text.split('\n', 1)[0]?.trim().slice(0, longestMessage) ?? '';
}

/** Where and why a DAG file does not import. */
export interface ImportCause {
  /** `Class: message` of the error. */
  readonly message: string;
  /** File, as its last parts, and line of the innermost frame outside of libraries. */
  readonly place: string | undefined;
}

const frame = /^\s*File "([^"]+)", line (\d+)/u;
/** Folders that are not the author's. */
const foreign = /(?:\/site-packages\/|\/dist-packages\/|\/lib\/python3|^<)/u;

/** Reads the trace of an import error: its last lines say what, its innermost own frame where. */
export function importCause(trace: string): ImportCause {
  if (trace.startsWith('REDACTED')) {
    return { message: 'Airflow does not show the reason to this account', place: undefined };
  }
  const lines = trace.trimEnd().split('\n');
  const frames = lines.flatMap((line) => {
    const [, file, number] = frame.exec(line) ?? [];
    return file === undefined || number === undefined ? [] : [{ file, number }];
  });
  const own = frames.findLast(({ file }) => !foreign.test(file));
  // Everything after the last frame and its source line belongs to the message.
  const lastFrame = lines.findLastIndex((line) => frame.test(line));
  const message = lines
    .slice(lastFrame + 1)
    .filter((line) => !/^\s/u.test(line))
    .join(' ')
    .trim();
  return {
    message: withoutPaths(message === '' ? (lines.at(-1)?.trim() ?? '') : message).slice(0, longestMessage),
    place: own === undefined ? undefined : `${shortPath(own.file)}:${own.number}`,
  };
}

/** Exceptions by which floe's own tasks end: their message says all. */
const ownExceptions: ReadonlySet<string> = new Set(['AirflowFailException', 'AirflowSkipException']);

/** `Class: message` of an exception in a task's log; its stack is not shown. */
export function describeException(error: { readonly exc_type: string; readonly exc_value: string }): string {
  return ownExceptions.has(error.exc_type) ? error.exc_value : `${error.exc_type}: ${error.exc_value}`;
}

/** Takes the folders of the server out of a text; names of files stay. */
export function withoutPaths(text: string): string {
  return text.replace(/(?<![\w.:/])(?:\/[\w.@+-]+){2,}\/([\w.@+-]+)/gu, '$1');
}

function shortPath(path: string): string {
  return path.split('/').slice(-2).join('/');
}
