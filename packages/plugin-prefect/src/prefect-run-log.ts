import type { LogLine } from '@floe/core/execution/job-result';
import type { BackendFault, LogPage, RunReference } from '@floe/core/execution/run-backend';
import { success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { PrefectClient } from './prefect-client.js';
import { parseLogCursor, writeLogCursor } from './prefect-run-cursor.js';
import { logPageSize, readLogPage, toLogLines } from './prefect-run-events.js';
import type { PrefectRunBackend } from './prefect-run-backend.js';

/** Worker and flow send their lines apart, so that an older line may come after a newer one. */
const overlapMs = 4_000;
const debugLevel = 10;

/** One page of a run's log after a cursor; lines that come late are not lost, none is given twice. */
export async function readRunLog(
  client: PrefectClient,
  runId: string,
  cursor: string | null,
  call: CallOptions,
): Promise<Outcome<LogPage, BackendFault>> {
  const { until, seen } = parseLogCursor(cursor);
  const after = until === null ? undefined : new Date(Date.parse(until) - overlapMs).toISOString();
  const known = new Set(seen);
  for (let offset = 0; ; offset += logPageSize) {
    const page = await readLogPage(
      client,
      { runId, level: debugLevel, ...(after !== undefined && { after }) },
      offset,
      call,
    );
    if (!page.ok) return page;
    const fresh = page.value.filter(({ id }) => !known.has(id));
    const isFull = page.value.length >= logPageSize;
    // A page of nothing but known lines says nothing about the next one.
    if (isFull && fresh.length === 0) continue;
    const newest = page.value.at(-1)?.timestamp ?? until;
    const near = newest === null ? 0 : Date.parse(newest) - overlapMs;
    const ids = page.value.filter(({ timestamp }) => Date.parse(timestamp) >= near).map(({ id }) => id);
    return success({
      lines: fresh.flatMap(toLogLines),
      cursor: writeLogCursor({ until: newest, seen: offset === 0 ? ids : [...known, ...ids] }),
      hasMore: isFull,
    });
  }
}

/** The log of a run from its beginning to where it stands. */
export async function readWholeRunLog(
  backend: PrefectRunBackend,
  run: RunReference,
  call: CallOptions,
): Promise<Outcome<readonly LogLine[], BackendFault>> {
  const lines: LogLine[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Awaited<ReturnType<PrefectRunBackend['logs']>> = await backend.logs(run, cursor, call);
    if (!page.ok) return page;
    lines.push(...page.value.lines);
    if (!page.value.hasMore || page.value.cursor === cursor) return success(lines);
    cursor = page.value.cursor;
  }
}
