import { describe, expect, it } from '@jest/globals';
import type { HttpOutcome } from '@floe/core/http/http-client';
import { z } from 'zod';
import { answer, call, recorded, scriptedPrefect } from '../tests/support/prefect-recordings.js';

const lost: HttpOutcome = { kind: 'fault', fault: { kind: 'reset', message: '' } };
const refusedConnection: HttpOutcome = { kind: 'fault', fault: { kind: 'refused', message: '' } };
const creation = { method: 'POST', path: '/automations/', json: { name: 'a' } } as const;

describe('a request', () => {
  it('says who asks, in which version of the interface, and reads what is asked for', async () => {
    const { client, http } = scriptedPrefect({ 'GET /admin/version': recorded('admin-version') });
    expect(await client.ask({ method: 'GET', path: '/admin/version' }, z.string(), call)).toEqual({
      ok: true,
      value: '3.9.1',
    });
    expect(http.asked[0]?.headers).toMatchObject({
      'x-prefect-api-version': '0.8.4',
      'user-agent': 'floe-plugin-prefect',
    });
  });

  it('is repeated until the database is free, whatever it does', async () => {
    let count = 0;
    const { client, http, clock } = scriptedPrefect({
      'POST /automations/': () => ((count += 1) < 6 ? recorded('503-sqlite') : answer({ id: 'x' }, 201)),
    });
    expect(await client.ask(creation, z.looseObject({ id: z.string() }), call)).toMatchObject({ ok: true });
    expect(http.asked).toHaveLength(6);
    expect(clock.elapsed()).toBeGreaterThan(1_000);
  });

  it('ends within its limit when the database stays busy', async () => {
    const { client, clock } = scriptedPrefect({ 'POST /automations/': recorded('503-sqlite') });
    const answered = await client.tell(creation, call);
    expect(answered).toMatchObject({
      ok: false,
      failure: { code: 'PLATFORM_UNHEALTHY', retryable: true, status: 503 },
    });
    expect(clock.elapsed()).toBeLessThanOrEqual(call.timeoutMs);
  });

  it('waits as long as the server wants', async () => {
    let count = 0;
    const busy = { ...answer({}, 429), headers: { 'retry-after': '3' } };
    const { client, clock } = scriptedPrefect({
      'GET /flows/x': () => ((count += 1) === 1 ? busy : answer({})),
    });
    expect(await client.tell({ method: 'GET', path: '/flows/x' }, call)).toMatchObject({ ok: true });
    expect(clock.elapsed()).toBeGreaterThanOrEqual(3_000);
  });

  it('whose answer is lost is repeated only when doing it twice is doing it once', async () => {
    const { client, http } = scriptedPrefect({ 'POST /automations/': lost, 'POST /flow_runs/filter': lost });
    expect(await client.tell(creation, call)).toMatchObject({ ok: false, failure: { code: 'CONNECTION_UNREACHABLE' } });
    expect(http.asked).toHaveLength(1);
    await client.tell({ ...creation, repeatable: true }, call);
    expect(http.asked).toHaveLength(4);
    await client.tell({ method: 'POST', path: '/flow_runs/filter', json: {} }, call);
    expect(http.asked).toHaveLength(7);
  });

  it('is asked once only when it shall tell about the server itself', async () => {
    const { client, http } = scriptedPrefect({ 'GET /ready': recorded('503-sqlite') });
    await client.tell({ method: 'GET', path: '/ready', patient: false }, call);
    expect(http.asked).toHaveLength(1);
  });

  it('that reached nobody has changed nothing', async () => {
    const { client } = scriptedPrefect({ 'POST /automations/': refusedConnection });
    expect(await client.tell(creation, call)).toMatchObject({ failure: { nothingHappened: true } });
  });

  it('is told apart when JSON of another shape or a page comes back', async () => {
    const page = { status: 200, headers: { 'content-type': 'text/html' }, text: '<!doctype html><title>x</title>' };
    const { client } = scriptedPrefect({ 'GET /flows/a': answer({ nope: 1 }), 'GET /flows/b': page });
    const schema = z.object({ id: z.string() });
    expect(await client.ask({ method: 'GET', path: '/flows/a' }, schema, call)).toMatchObject({
      failure: { code: 'PLATFORM_ANSWER_INVALID' },
    });
    expect(await client.ask({ method: 'GET', path: '/flows/b' }, schema, call)).toMatchObject({
      failure: { code: 'CONNECTION_WRONG_ENDPOINT' },
    });
  });
});

describe('a server with CSRF protection', () => {
  it('gets its token once, and again when it has run out', async () => {
    const token = z.looseObject({ token: z.string() }).parse(JSON.parse(recorded('csrf-token').text)).token;
    let expired = false;
    const { client, http } = scriptedPrefect({
      'GET /csrf-token*': () => recorded('csrf-token'),
      'POST /flows/': ({ headers }) => {
        if (headers['prefect-csrf-token'] === undefined) return recorded('csrf-post-without-token');
        if (!expired) return answer({ id: 'f' });
        expired = false;
        return recorded('csrf-post-bad-token');
      },
    });
    const request = { method: 'POST', path: '/flows/', json: { name: 'x' } } as const;
    expect(await client.tell(request, call)).toMatchObject({ ok: true });
    expect(http.asked.map(({ path }) => path.split('?')[0])).toEqual(['/flows/', '/csrf-token', '/flows/']);
    expect(http.asked.at(-1)?.headers['prefect-csrf-token']).toBe(token);
    await client.tell(request, call);
    expect(http.asked).toHaveLength(4);
    expired = true;
    expect(await client.tell(request, call)).toMatchObject({ ok: true });
    expect(http.asked).toHaveLength(7);
  });

  it('that does not take its own token is told', async () => {
    const { client } = scriptedPrefect({
      'GET /csrf-token*': recorded('csrf-token'),
      'POST /flows/': recorded('csrf-post-bad-token'),
    });
    expect(await client.tell({ method: 'POST', path: '/flows/', json: {} }, call)).toMatchObject({
      failure: { code: 'CONNECTION_FORBIDDEN', resolution: expect.stringContaining('Prefect-Csrf-Token') },
    });
  });
});
