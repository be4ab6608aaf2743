import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { answer, recorded, ScriptedHttp, scriptedClient, type Reply } from '../tests/support/airflow-recordings.js';
import { logBeginning, parseLogCursor, writeLogCursor, type LogPosition } from './airflow-run-cursor.js';
import { readTaskLog, type LogNews } from './airflow-run-log.js';

const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
const name = 'GET /api/v2/dags/slow/dagRuns/r1/taskInstances/build/logs/1';
const running = { taskId: 'build', tryNumber: 1, ended: false };
const ended = { ...running, ended: true };

async function read(reply: Reply, task = running, from: LogPosition = logBeginning): Promise<LogNews> {
  const client = scriptedClient(new ScriptedHttp({ [name]: reply }), new FakeClock());
  const news = await readTaskLog(client, { dagId: 'slow', runId: 'r1' }, task, from, call);
  if (!news.ok) throw new TypeError(news.failure.message);
  return news.value;
}

function page(events: readonly string[], token: string | null): ReturnType<typeof answer> {
  return answer({ content: events.map((event) => ({ event })), continuation_token: token });
}

describe('readTaskLog', () => {
  it('reads on from where it was, without the places of the server', async () => {
    const first = await read(recorded('log-running-first'));
    expect(JSON.stringify(first.items)).not.toContain('attempt=1.log');
    expect(first).toMatchObject({ hasMore: true, position: { tryNumber: 1, complete: false } });
    const second = await read(
      ({ query }) => (query.get('token') === first.position.token ? recorded('log-running-continued') : page([], null)),
      running,
      parseLogCursor(writeLogCursor(first.position)),
    );
    expect(second.items.map(({ event }) => event)).toEqual(['line 6', 'line 7', 'line 8', 'line 9']);
    expect(second.position.seen).toBe(first.position.seen + 4);
  });

  it('begins again when the token is refused, and gives nothing twice', async () => {
    const from = { tryNumber: 1, token: 'old', seen: 2, complete: false };
    const reply: Reply = ({ query }) => (query.has('token') ? recorded('log-bad-token') : page(['a', 'b', 'c'], 'new'));
    const news = await read(reply, running, from);
    expect(news.items.map(({ event }) => event)).toEqual(['c']);
    expect(news.position).toEqual({ tryNumber: 1, token: 'new', seen: 3, complete: false });
  });

  it('is complete when the task has ended and Airflow gives no token any more', async () => {
    expect((await read(page(['a'], null))).position.complete).toBe(false);
    const whole = await read(page(['a'], null), ended);
    expect(whole).toMatchObject({ hasMore: false, position: { complete: true } });
    expect(await read(page(['never asked'], null), ended, whole.position)).toMatchObject({ items: [], hasMore: false });
  });

  it('ends at a token that stands still', async () => {
    const from = { tryNumber: 1, token: 'same', seen: 1, complete: false };
    expect(await read(page([], 'same'), ended, from)).toMatchObject({ items: [], hasMore: false });
  });

  it('waits for the log of a worker that has just begun, and not for one that never did', async () => {
    expect(await read(recorded('log-no-such-try'))).toMatchObject({ items: [], position: { complete: false } });
    expect(await read(recorded('log-no-such-try'), ended)).toMatchObject({ items: [], position: { complete: true } });
    expect(await read(page(['x'], null), { ...running, tryNumber: 0 })).toMatchObject({ items: [] });
  });

  it('begins the log of a restarted task at its beginning', async () => {
    const from = { tryNumber: 0, token: 'old', seen: 9, complete: true };
    expect((await read(page(['new'], 't'), running, from)).items).toHaveLength(1);
  });
});
