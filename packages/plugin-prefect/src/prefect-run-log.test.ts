import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { answer, call, recorded, scriptedPrefect } from '../tests/support/prefect-recordings.js';
import { readRunLog } from './prefect-run-log.js';

interface Line {
  readonly id: string;
  readonly level: number;
  readonly message: string;
  readonly timestamp: string;
}

const asked = z.object({
  logs: z.object({ timestamp: z.object({ after_: z.string() }).optional() }),
  offset: z.number(),
  limit: z.number(),
});

/** A Prefect that has these lines. */
function withLog(lines: Line[]): ReturnType<typeof scriptedPrefect> {
  return scriptedPrefect({
    'POST /logs/filter': ({ json }) => {
      const { logs, offset, limit } = asked.parse(json);
      const after = Date.parse(logs.timestamp?.after_ ?? '1970-01-01T00:00:00Z');
      const found = lines.filter(({ timestamp }) => Date.parse(timestamp) >= after);
      found.sort((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp));
      return answer(found.slice(offset, offset + limit));
    },
  });
}

function line(number: number, seconds: number): Line {
  const timestamp = new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
  return { id: `line-${number}`, level: 20, message: `line ${number}`, timestamp };
}

async function readAll(
  client: ReturnType<typeof scriptedPrefect>['client'],
  from: string | null,
): Promise<{ texts: string[]; cursor: string | null }> {
  const texts: string[] = [];
  let cursor = from;
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await readRunLog(client, 'r', cursor, call);
    if (!page.ok) throw new TypeError(page.failure.message);
    texts.push(...page.value.lines.map(({ text }) => text));
    cursor = page.value.cursor;
    if (!page.value.hasMore) break;
  }
  return { texts, cursor };
}

describe('readRunLog', () => {
  it('reads recorded lines with their levels and times', async () => {
    const { client } = scriptedPrefect({ 'POST /logs/filter': recorded('logs') });
    const page = await readRunLog(client, 'r', null, call);
    expect(page).toMatchObject({ ok: true, value: { hasMore: false } });
    const lines = page.ok ? page.value.lines : [];
    expect(lines).toHaveLength(11);
    expect(lines[0]).toEqual({
      at: '2026-11-25T07:18:06.700Z',
      level: 'info',
      text: "Worker 'w-main' submitting flow run 'c35f06cf-1cd5-4485-8499-222673deacdb'",
    });
  });

  it('gives each line once, also of a log of many pages within one second', async () => {
    const lines = Array.from({ length: 950 }, (_, index) => line(index, index / 2_000));
    const { client } = withLog(lines);
    const { texts, cursor } = await readAll(client, null);
    expect(texts).toEqual(lines.map(({ message }) => message));
    expect((await readAll(client, cursor)).texts).toEqual([]);
  });

  it('does not lose a line that comes late', async () => {
    const lines = [line(1, 0), line(2, 5)];
    const { client } = withLog(lines);
    const first = await readAll(client, null);
    lines.push(line(3, 3), line(4, 6));
    const second = await readAll(client, first.cursor);
    expect([...first.texts, ...second.texts]).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  });

  it('shows no colours, and a line for each line', async () => {
    const { client } = withLog([{ ...line(1, 0), level: 40, message: '\u001b[31mred\u001b[0m\n\nsecond' }]);
    const page = await readRunLog(client, 'r', null, call);
    expect(page.ok && page.value.lines).toMatchObject([
      { level: 'error', text: 'red' },
      { level: 'error', text: 'second' },
    ]);
  });
});
