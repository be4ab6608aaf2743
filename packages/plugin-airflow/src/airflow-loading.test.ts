import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@floe/core/testing/fake-clock';
import {
  answer,
  recorded,
  recordedJson,
  ScriptedHttp,
  scriptedClient,
  type Reply,
} from '../tests/support/airflow-recordings.js';
import type { Answer } from './airflow-client.js';
import { requestParsing, waitForBundle } from './airflow-loading.js';

const hex = 'b'.repeat(64);
const hash = `sha256:${hex}`;
const signal = new AbortController().signal;
const shop = 'GET /api/v2/dags/shop';
const sentinel = 'GET /api/v2/dags/floe_sentinel';

function dag(id: string, more: Readonly<Record<string, unknown>> = {}): ReturnType<typeof answer> {
  return answer({ ...recordedJson('dag-get'), dag_id: id, file_token: `token-${id}`, ...more });
}

const loaded = dag('shop', { tags: [{ name: `floe-bundle:${hex}` }] });
const parsed = recorded('parse-dag-file-pending-again');

function clientWith(replies: Readonly<Record<string, Reply>>): {
  http: ScriptedHttp;
  client: ReturnType<typeof scriptedClient>;
  clock: FakeClock;
} {
  const http = new ScriptedHttp(replies);
  const clock = new FakeClock();
  return { http, clock, client: scriptedClient(http, clock) };
}

async function wait(
  replies: Readonly<Record<string, Reply>>,
  dagIds = ['shop'],
): Promise<{ outcome: Answer<void>; http: ScriptedHttp }> {
  const { http, clock, client } = clientWith({ 'PUT /api/v2/parseDagFile/token-shop': parsed, ...replies });
  const awaited = { dagId: 'shop', dagIds, hash, rollOut: 'look at the folder' };
  return { outcome: await waitForBundle(client, awaited, clock, { signal, timeoutMs: 20_000 }), http };
}

describe('requestParsing', () => {
  it.each<[string, Readonly<Record<string, Reply>>, string[]]>([
    ["the product's own file", { [shop]: dag('shop') }, ['token-shop']],
    ['the sentinel for a new product', { [sentinel]: dag('floe_sentinel') }, ['token-floe_sentinel']],
    [
      'the sentinel when its own file is gone',
      { [shop]: dag('shop', { is_stale: true }), [sentinel]: dag('floe_sentinel') },
      ['token-floe_sentinel'],
    ],
    [
      'one file of each DAG bundle when there is no sentinel yet',
      {
        'GET /api/v2/dags': answer({
          dags: [
            { ...recordedJson('dag-get'), bundle_name: 'one', file_token: 'a' },
            { ...recordedJson('dag-get'), bundle_name: 'two', file_token: 'b' },
          ],
        }),
      },
      ['a', 'b'],
    ],
  ])('asks for %s', async (_name, replies, tokens) => {
    const { http, client } = clientWith(
      Object.fromEntries([
        ...Object.entries(replies),
        ...tokens.map((token) => [`PUT /api/v2/parseDagFile/${token}`, parsed]),
      ]) as Record<string, Reply>,
    );
    expect(await requestParsing(client, 'shop', { signal, timeoutMs: 1_000 })).toEqual({ ok: true, value: true });
    const put = http.asked.filter(({ name }) => name.startsWith('PUT')).map(({ path }) => path.split('/').at(-1));
    expect(put).toEqual(tokens);
  });

  it('cannot ask an Airflow without any DAG', async () => {
    const { client } = clientWith({ 'GET /api/v2/dags': answer({ dags: [] }) });
    expect(await requestParsing(client, 'shop', { signal, timeoutMs: 1_000 })).toEqual({ ok: true, value: false });
  });
});

describe('waitForBundle', () => {
  it('ends when every DAG of the product shows the bundle', async () => {
    let looks = 0;
    const trigger: Reply = () =>
      (looks += 1) < 3 ? dag('shop.schedule.a') : dag('shop.schedule.a', { tags: [{ name: `floe-bundle:${hex}` }] });
    const { outcome } = await wait({ [shop]: loaded, 'GET /api/v2/dags/shop.schedule.a': trigger }, [
      'shop',
      'shop.schedule.a',
    ]);
    expect(outcome).toEqual({ ok: true, value: undefined });
    expect(looks).toBe(3);
  });

  it('tells the cause and the line of a file that does not import', async () => {
    const trace = `Traceback\n  File "/opt/airflow/dags/shop/floe_dag.py", line 3, in <module>\nImportError: no floe_runtime`;
    const { outcome } = await wait({
      [shop]: dag('shop', { is_stale: true, has_import_errors: true }),
      [sentinel]: dag('floe_sentinel'),
      'PUT /api/v2/parseDagFile/token-floe_sentinel': parsed,
      'GET /api/v2/importErrors': answer({
        import_errors: [
          { filename: 'other/floe_dag.py', stack_trace: 'x' },
          { filename: 'shop/floe_dag.py', stack_trace: trace },
        ],
      }),
    });
    expect(outcome).toMatchObject({
      ok: false,
      failure: {
        code: 'DEPLOYMENT_NOT_LOADED',
        message: 'shop/floe_dag.py does not load in Airflow: ImportError: no floe_runtime (shop/floe_dag.py:3)',
      },
    });
  });

  it('knows the file of an image or of a repository, which has no folder of the product', async () => {
    const { outcome } = await wait({
      'GET /api/v2/dags': answer({ dags: [] }),
      'GET /api/v2/importErrors': answer({
        import_errors: [{ filename: 'floe/floe_dag.py', stack_trace: 'ImportError: no floe_runtime' }],
      }),
    });
    expect(outcome).toMatchObject({ ok: false, failure: { message: expect.stringContaining('no floe_runtime') } });
  });

  it('says what is there instead, and how the bundle comes to Airflow', async () => {
    const other = dag('shop', { tags: [{ name: `floe-bundle:${'c'.repeat(64)}` }] });
    const { outcome, http } = await wait({ [shop]: other, 'GET /api/v2/monitor/health': recorded('health-all-ok') });
    expect(outcome).toMatchObject({
      ok: false,
      failure: {
        code: 'DEPLOYMENT_NOT_LOADED',
        message: expect.stringContaining('cccc'),
        resolution: 'look at the folder',
      },
    });
    expect(http.count('PUT /api/v2/parseDagFile/token-shop')).toBe(2);
  });

  it('says when the DAG processor does not run', async () => {
    const health = { ...recordedJson('health-all-ok'), dag_processor: null };
    const { outcome } = await wait({ [shop]: dag('shop'), 'GET /api/v2/monitor/health': answer(health) });
    expect(outcome).toMatchObject({ ok: false, failure: { message: expect.stringContaining('DAG processor') } });
  });

  it('ends at once for an account that may not see the DAG', async () => {
    const { outcome } = await wait({ [shop]: recorded('config-forbidden') });
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'CONNECTION_FORBIDDEN' } });
  });
});
