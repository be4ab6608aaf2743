import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HttpClient, HttpOutcome } from '../http/http-client.js';
import type { Clock } from '../time/clock.js';
import { deadlineSignal } from '../time/deadline-signal.js';
import type { LineageEvent } from './lineage-event.js';
import type { LineageTransport } from './lineage-settings.js';

export interface SendLineageContext {
  /** Sends the API key of the transport with its own settings. */
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Where the console transport writes a line. */
  readonly print: (line: string) => void;
}

/** What became of events. */
export interface LineageReport {
  readonly sent: number;
  /** Refused, not sent in time, or not tried any more after the receiver did not answer. */
  readonly lost: number;
  /** Why, without a secret; absent when everything was sent. */
  readonly reason?: string;
}

/** Milliseconds for one event. */
const sendLimitMs = 3_000;
const statusesToRetry = new Set([500, 502, 503, 504]);

/**
 * Sends events one after the other within a time limit (default 5 s). Never throws and never waits longer: what could
 * not be sent is counted. One further try after a status 5xx; after that, and without an answer, the rest is not tried.
 */
export async function sendLineage(
  events: readonly LineageEvent[],
  transport: LineageTransport,
  context: SendLineageContext,
  { signal, timeoutMs = 5_000 }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<LineageReport> {
  const call = { signal: deadlineSignal({ signal, timeoutMs }) };
  let sent = 0;
  let refused = 0;
  let reason: string | undefined;
  for (const event of events) {
    if (call.signal.aborted) return report(sent, events.length, 'the time for it was over');
    const outcome = await sendOne(event, transport, context, call.signal);
    if (outcome === 'sent') sent += 1;
    else if (outcome.goOn) {
      refused += 1;
      reason = outcome.reason;
    } else return report(sent, events.length, outcome.reason);
  }
  return report(sent, sent + refused, reason ?? '');
}

type SendOutcome = 'sent' | { readonly goOn: boolean; readonly reason: string };

async function sendOne(
  event: LineageEvent,
  transport: LineageTransport,
  context: SendLineageContext,
  signal: AbortSignal,
): Promise<SendOutcome> {
  switch (transport.kind) {
    case 'console':
      context.print(JSON.stringify(event));
      return 'sent';
    case 'file':
      return appendLine(transport.path, event);
    case 'http':
      return post(event, transport.url, context, signal);
  }
}

async function appendLine(path: string, event: LineageEvent): Promise<SendOutcome> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(event)}\n`);
    return 'sent';
  } catch {
    return { goOn: false, reason: 'the file cannot be written' };
  }
}

async function post(
  event: LineageEvent,
  url: string,
  { http, clock }: SendLineageContext,
  signal: AbortSignal,
): Promise<SendOutcome> {
  for (const pause of [200, undefined]) {
    const outcome = await http.send({ method: 'POST', url, json: event }, { signal, timeoutMs: sendLimitMs });
    const status = statusOf(outcome);
    if (status === undefined) return { goOn: false, reason: 'the receiver does not answer' };
    if (status >= 200 && status < 300) return 'sent';
    const refused = { reason: `the receiver answers with status ${status}` };
    if (!statusesToRetry.has(status)) return { ...refused, goOn: status === 400 || status === 422 };
    if (pause === undefined) return { ...refused, goOn: false };
    await clock.sleep(pause, signal).catch(() => undefined);
  }
  return { goOn: false, reason: 'the receiver does not answer' };
}

function statusOf(outcome: HttpOutcome): number | undefined {
  return outcome.kind === 'response' ? outcome.response.status : undefined;
}

function report(sent: number, total: number, reason: string): LineageReport {
  return { sent, lost: total - sent, ...(total > sent && { reason }) };
}
