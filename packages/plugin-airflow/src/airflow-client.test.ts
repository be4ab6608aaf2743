import { describe, expect, it } from '@jest/globals';
import type { HttpClient, HttpOutcome } from '@floe/core/http/http-client';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { answer, recorded, ScriptedHttp, scriptedClient, type Reply } from '../tests/support/airflow-recordings.js';
import { dagAnswer, runAnswer } from './airflow-answers.js';
import { anyAnswer, apiPath, baseAddress, type AirflowClient } from './airflow-client.js';

const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
const dag = { method: 'GET', path: apiPath('dags', 'one') } as const;
const dagName = 'GET /api/v2/dags/one';

function clientWith(replies: Readonly<Record<string, Reply>>): {
  readonly client: AirflowClient;
  readonly http: ScriptedHttp;
} {
  let logins = 0;
  const login = (): ReturnType<typeof answer> => answer({ access_token: `token-${(logins += 1)}` }, 201);
  const http = new ScriptedHttp({ 'POST /auth/token': login, ...replies });
  return { client: scriptedClient(http, new FakeClock()), http };
}

/** Gives one answer after the other; the last one stays. */
function inTurn(...replies: ReturnType<typeof recorded>[]): Reply {
  let turn = 0;
  return () => replies[Math.min(turn++, replies.length - 1)] ?? recorded('dag-unknown');
}

describe('a client of Airflow', () => {
  it('logs in once and reads what it needs', async () => {
    const { client, http } = clientWith({ [dagName]: recorded('dag-get') });
    const first = await client.send(dag, dagAnswer, call);
    expect(first).toMatchObject({ ok: true, value: { dag_id: 'one', is_paused: false, is_stale: false } });
    await client.send(dag, dagAnswer, call);
    expect(http.count('POST /auth/token')).toBe(1);
    expect(http.asked.at(-1)?.authorization).toBe('Bearer token-1');
  });

  it.each(['no-auth-header', 'garbage-token'])('gets one new token when its own is refused (%s)', async (refusal) => {
    const { client, http } = clientWith({ [dagName]: inTurn(recorded(refusal), recorded('dag-get')) });
    expect(await client.send(dag, dagAnswer, call)).toMatchObject({ ok: true });
    expect(http.count('POST /auth/token')).toBe(2);
  });

  it('does not ask for tokens for ever', async () => {
    const { client, http } = clientWith({ [dagName]: recorded('garbage-token') });
    expect(await client.send(dag, dagAnswer, call)).toMatchObject({
      ok: false,
      failure: { code: 'CONNECTION_UNAUTHORIZED', status: 403, retryable: false },
    });
    expect(http.count(dagName)).toBe(2);
  });

  it('tells a wrong password', async () => {
    const { client } = clientWith({ 'POST /auth/token': recorded('token-bad-password') });
    expect(await client.send(dag, dagAnswer, call)).toMatchObject({
      ok: false,
      failure: { code: 'CONNECTION_UNAUTHORIZED', detail: 'Invalid credentials', nothingHappened: true },
    });
  });

  it('needs no token for the open routes', async () => {
    const { client, http } = clientWith({ [dagName]: recorded('dag-get') });
    await client.send({ ...dag, anonymous: true }, dagAnswer, call);
    expect(http.asked.map(({ name }) => name)).toEqual([dagName]);
    expect(http.asked[0]?.authorization).toBeUndefined();
  });

  it.each([
    ['trigger-unknown-dag', 404, "Dag with dag_id: 'nosuch' not found"],
    ['trigger-duplicate-id', 409, 'Unique constraint violation'],
    ['trigger-extra-field', 422, 'foo: Extra inputs are not permitted'],
    ['config-forbidden', 403, /chose not to expose/u],
    ['trigger-bad-run-id', 400, /does not match regex/u],
  ])('tells what Airflow says (%s)', async (name, status, detail) => {
    const { client } = clientWith({ [dagName]: recorded(name) });
    const outcome = await client.send(dag, anyAnswer, call);
    expect(outcome).toMatchObject({ ok: false, failure: { status, nothingHappened: true, retryable: false } });
    const said = outcome.ok ? undefined : outcome.failure.detail;
    expect(said).toMatch(detail);
  });

  it('does not show what was sent when Airflow echoes it', async () => {
    const { client } = clientWith({ [dagName]: recorded('trigger-extra-field') });
    expect(JSON.stringify(await client.send(dag, anyAnswer, call))).not.toContain('"input"');
  });

  it('does not know whether something happened when the server or its proxy fails', async () => {
    const { client } = clientWith({ [dagName]: { status: 502, headers: {}, text: '<html>bad gateway</html>' } });
    const outcome = await client.send(dag, anyAnswer, call);
    expect(outcome).toMatchObject({ ok: false, failure: { retryable: true, nothingHappened: false } });
    expect(outcome.ok ? 0 : outcome.failure.status).toBeUndefined();
  });

  it('tells pages of HTML and answers of another shape', async () => {
    const html = { status: 200, headers: { 'content-type': 'text/html' }, text: '<!doctype html><title>x</title>' };
    const page = await clientWith({ [dagName]: html }).client.send(dag, dagAnswer, call);
    expect(page).toMatchObject({ ok: false, failure: { code: 'CONNECTION_WRONG_ENDPOINT' } });
    const other = await clientWith({ [dagName]: answer({ state: 1 }) }).client.send(dag, runAnswer, call);
    expect(other).toMatchObject({ ok: false, failure: { code: 'PLATFORM_ANSWER_INVALID' } });
  });

  it('encodes every part of a path, and lists in a query as repeated keys', async () => {
    const { client, http } = clientWith({});
    await client.send({ method: 'GET', path: apiPath('dags', 'a/b c'), query: { state: ['x', 'y'] } }, anyAnswer, call);
    expect(http.asked.at(-1)?.path).toBe('/api/v2/dags/a%2Fb%20c');
    expect(http.asked.at(-1)?.query.getAll('state')).toEqual(['x', 'y']);
  });

  it('asks again at once when only the answer to a question was lost', async () => {
    const http = new ScriptedHttp({ [dagName]: recorded('dag-get'), 'POST /api/v2/dags/one': answer({}) });
    let losses = 0;
    const lossy: HttpClient = {
      send: async (request): Promise<HttpOutcome> => {
        const outcome = await http.send(request);
        if (request.url.includes('/auth/') || (losses += 1) % 2 === 0) return outcome;
        return { kind: 'fault', fault: { kind: 'reset', message: 'gone' } };
      },
    };
    const client = scriptedClient(lossy, new FakeClock());
    expect(await client.send(dag, dagAnswer, call)).toMatchObject({ ok: true });
    expect(await client.send({ ...dag, method: 'POST' }, anyAnswer, call)).toMatchObject({
      ok: false,
      failure: { nothingHappened: false },
    });
  });
});

describe('baseAddress', () => {
  it.each([
    ['http://a:8080', 'http://a:8080'],
    ['http://a:8080///', 'http://a:8080'],
    ['https://a/prefix/api/v2/', 'https://a/prefix'],
  ])('%s', (given, base) => {
    expect(baseAddress(given)).toBe(base);
  });
});
