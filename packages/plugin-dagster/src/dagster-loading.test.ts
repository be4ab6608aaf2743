import { describe, expect, it } from '@jest/globals';
import type { HttpResponse } from '@floe/core/http/http-client';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { answer, recorded, ScriptedHttp, type AskedOperation } from '../tests/support/dagster-recordings.js';
import { createDagsterClient } from './dagster-client.js';
import { reloadLocation, waitForBundle } from './dagster-loading.js';

const name = { location: 'shop', repository: '__repository__' };
const awaited = { name, job: 'shop_job', hash: 'sha256:new', rollOut: 'Roll it out.' };
const call = { signal: new AbortController().signal, timeoutMs: 20_000 };

function jobs(hash: string): HttpResponse {
  const tags = [{ key: 'floe/bundle-hash', value: hash }];
  return answer({ repositoryOrError: { __typename: 'Repository', jobs: [{ name: 'shop_job', tags }] } });
}

const unknown = answer({ repositoryOrError: { __typename: 'RepositoryNotFoundError', message: '' } });

async function wait(
  answers: Readonly<Record<string, HttpResponse | ((asked: AskedOperation) => HttpResponse)>>,
  options = call,
): Promise<{ outcome: Awaited<ReturnType<typeof waitForBundle>>; asked: number; seconds: number }> {
  const clock = new FakeClock();
  const http = new ScriptedHttp(answers);
  const began = clock.now();
  const outcome = await waitForBundle(createDagsterClient(http, 'http://dagster', clock), awaited, clock, options);
  return { outcome, asked: http.asked.length, seconds: (clock.now() - began) / 1_000 };
}

describe('waitForBundle', () => {
  it('ends as soon as the bundle is reported', async () => {
    const hashes = ['sha256:old', 'sha256:old', 'sha256:new'];
    expect(await wait({ LocationJobs: () => jobs(hashes.shift() ?? '') })).toMatchObject({
      outcome: { ok: true },
      asked: 3,
    });
  });

  it('says what runs and what was planned when it does not come', async () => {
    const { outcome, seconds } = await wait({ LocationJobs: jobs('sha256:old') });
    expect(outcome).toMatchObject({
      ok: false,
      failure: {
        code: 'DEPLOYMENT_NOT_LOADED',
        message: expect.stringContaining('sha256:old, planned is sha256:new'),
        resolution: 'Roll it out.',
      },
    });
    expect(seconds).toBeCloseTo(20, 0);
  });

  it('ends at once with the deepest cause when the location does not load', async () => {
    const workspace = recorded('workspace-broken-location');
    const text = workspace.text
      .replaceAll('"name": "broken"', '"name": "shop"')
      .replaceAll('"name":"broken"', '"name":"shop"');
    const { outcome, asked } = await wait({ LocationJobs: unknown, Workspace: { ...workspace, text } });
    expect(asked).toBe(2);
    expect(outcome).toMatchObject({
      ok: false,
      failure: {
        code: 'DEPLOYMENT_NOT_LOADED',
        message: expect.stringContaining("No module named 'no_such_pkg_floe'"),
      },
    });
  });

  it('goes on while Dagster is away for a moment, and while the location is not known yet', async () => {
    const replies = [{ status: 503, headers: {}, text: '' }, unknown, jobs('sha256:new')];
    const { outcome } = await wait({
      LocationJobs: () => replies.shift() ?? unknown,
      Workspace: answer({ workspaceOrError: { __typename: 'Workspace', locationEntries: [] } }),
    });
    expect(outcome).toEqual({ ok: true, value: undefined });
  });

  it('ends when the call is cancelled', async () => {
    const { outcome } = await wait({ LocationJobs: jobs('sha256:old') }, { ...call, signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'CANCELLED' } });
  });
});

describe('reloadLocation', () => {
  it.each([
    ['ReloadNotSupported', undefined],
    ['RepositoryLocationNotFound', 'DEPLOYMENT_MISSING'],
    ['UnauthorizedError', 'CONNECTION_READ_ONLY'],
    ['SomethingNew', 'PLATFORM_ANSWER_INVALID'],
  ])('reads %s as %s', async (typename, code) => {
    const http = new ScriptedHttp({
      ReloadLocation: answer({ reloadRepositoryLocation: { __typename: typename, message: 'no' } }),
    });
    const outcome = await reloadLocation(createDagsterClient(http, 'http://dagster', new FakeClock()), 'shop', call);
    expect(outcome.ok ? undefined : outcome.failure.code).toBe(code);
  });
});
