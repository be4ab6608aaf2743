import { describe, expect, it } from '@jest/globals';
import { runRequestSchema } from '@floe/core/execution/run-request';
import { FakeClock } from '@floe/core/testing/fake-clock';
import {
  answer,
  recorded,
  recordedJson,
  ScriptedHttp,
  scriptedClient,
  type Reply,
} from '../tests/support/airflow-recordings.js';
import { AirflowRunBackend } from './airflow-run-backend.js';

const hash = `sha256:${'a'.repeat(64)}`;
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
const request = runRequestSchema.parse({ protocol: 1, key: 'my-key', ids: ['model.shop.a'] });
const reference = { runId: 'floe__my-key', url: null };

const dag = { ...recordedJson('dag-get'), dag_id: 'shop', tags: [{ name: `floe-bundle:${'a'.repeat(64)}` }] };
const runPath = '/api/v2/dags/shop/dagRuns/floe__my-key';
const record = { protocol: 1, key: 'my-key', planned: 1, attempts: [], outcome: 'succeeded' };

function run(state: string, more: Readonly<Record<string, unknown>> = {}): ReturnType<typeof answer> {
  return answer({ ...recordedJson('trigger-ok'), dag_id: 'shop', dag_run_id: 'floe__my-key', state, ...more });
}

function build(state: string | null, more: Readonly<Record<string, unknown>> = {}): ReturnType<typeof answer> {
  const start = state === null || state === 'queued' ? null : '2026-01-01T00:00:01Z';
  return answer({ task_id: 'build', state, try_number: start === null ? 0 : 1, start_date: start, ...more });
}

function log(events: readonly string[], token: string | null = null): ReturnType<typeof answer> {
  return answer({ content: events.map((event) => ({ event, logger: 'floe' })), continuation_token: token });
}

const taskPath = `${runPath}/taskInstances/build`;

function backendWith(replies: Readonly<Record<string, Reply>>): {
  readonly backend: AirflowRunBackend;
  readonly http: ScriptedHttp;
  readonly clock: FakeClock;
} {
  const http = new ScriptedHttp({ 'GET /api/v2/dags/shop': answer(dag), ...replies });
  const clock = new FakeClock({ start: Date.UTC(2026, 0, 1), mode: 'manual' });
  return { backend: new AirflowRunBackend({ client: scriptedClient(http, clock), dagId: 'shop', clock }), http, clock };
}

/** A run that has come so far, as Airflow tells it. */
function at(
  state: string,
  task: ReturnType<typeof build>,
  more: Readonly<Record<string, Reply>> = {},
): Readonly<Record<string, Reply>> {
  return { [`GET ${runPath}`]: run(state), [`GET ${taskPath}`]: task, ...more };
}

describe('submit', () => {
  const path = 'POST /api/v2/dags/shop/dagRuns';

  it('starts a run whose id is made of the key, without a logical date', async () => {
    const { backend, http } = backendWith({ [path]: recorded('trigger-ok') });
    expect(await backend.submit({ request, expectedHash: hash }, call)).toEqual({
      kind: 'submitted',
      run: { runId: 'floe__my-key', url: 'http://airflow:8080/dags/shop/runs/floe__my-key' },
    });
    expect(http.asked.at(-1)?.json).toEqual({
      dag_run_id: 'floe__my-key',
      logical_date: null,
      conf: { floe: request },
    });
  });

  it('adopts the run that has the id already', async () => {
    const { backend } = backendWith({ [path]: recorded('trigger-duplicate-id'), [`GET ${runPath}`]: run('running') });
    expect(await backend.submit({ request, expectedHash: null }, call)).toMatchObject({
      kind: 'submitted',
      run: { runId: 'floe__my-key' },
    });
  });

  it.each<[string, Readonly<Record<string, Reply>>, string]>([
    [
      'another bundle',
      { 'GET /api/v2/dags/shop': answer({ ...dag, tags: [{ name: 'floe-bundle:00' }] }) },
      'DEPLOYMENT_STALE',
    ],
    ['no DAG', { 'GET /api/v2/dags/shop': recorded('dag-unknown') }, 'DEPLOYMENT_MISSING'],
    ['a DAG whose file is gone', { 'GET /api/v2/dags/shop': answer({ ...dag, is_stale: true }) }, 'DEPLOYMENT_MISSING'],
    [
      'a broken file',
      {
        'GET /api/v2/dags/shop': recorded('dag-get-with-import-error'),
        'GET /api/v2/importErrors': answer({
          import_errors: [{ filename: 'team/shop/floe_dag.py', stack_trace: 'ModuleNotFoundError: No module named x' }],
        }),
      },
      'DEPLOYMENT_NOT_LOADED',
    ],
    ['a paused DAG', { 'GET /api/v2/dags/shop': answer({ ...dag, is_paused: true }) }, 'PLATFORM_REFUSED'],
    ['a clash that is not ours', { [path]: recorded('trigger-duplicate-id') }, 'PLATFORM_REFUSED'],
    ['a field that Airflow does not know', { [path]: recorded('trigger-extra-field') }, 'PLATFORM_REFUSED'],
  ])('is refused for %s', async (_name, replies, code) => {
    const { backend } = backendWith(replies);
    expect(await backend.submit({ request, expectedHash: hash }, call)).toMatchObject({
      kind: 'rejected',
      fault: { code },
    });
  });

  it('does not know what became of a request without an answer of Airflow', async () => {
    const { backend } = backendWith({ [path]: { status: 504, headers: {}, text: '' } });
    expect(await backend.submit({ request, expectedHash: hash }, call)).toMatchObject({ kind: 'unknown' });
  });
});

describe('find and locate', () => {
  it('finds a run by its key, and by its own id', async () => {
    const { backend } = backendWith({
      [`GET ${runPath}`]: run('running'),
      'GET /api/v2/dags/shop/dagRuns/manual__1': run('success'),
    });
    expect(await backend.find('my-key', call)).toMatchObject({ ok: true, value: { runId: 'floe__my-key' } });
    expect(await backend.find('other', call)).toEqual({ ok: true, value: undefined });
    expect(await backend.locate('manual__1', call)).toMatchObject({ ok: true, value: { runId: 'manual__1' } });
    expect(await backend.locate('other', call)).toMatchObject({ ok: false, failure: { code: 'RUN_NOT_FOUND' } });
  });
});

describe('read', () => {
  it('waits in the queue, and knows a wait for its own slot', async () => {
    const runs = 'GET /api/v2/dags/shop/dagRuns';
    const alone = backendWith({ [`GET ${runPath}`]: run('queued'), [runs]: answer({ dag_runs: [] }) });
    expect(await alone.backend.read(reference, null, call)).toMatchObject({
      ok: true,
      value: { phase: 'queued', waitingForOwnSlot: false },
    });
    const other = { ...recordedJson('trigger-ok'), dag_run_id: 'floe__other' };
    const second = backendWith({ [`GET ${runPath}`]: run('queued'), [runs]: answer({ dag_runs: [other] }) });
    expect(await second.backend.read(reference, null, call)).toMatchObject({ value: { waitingForOwnSlot: true } });
    expect(second.http.asked.at(-1)?.query.getAll('state')).toEqual(['running']);
  });

  it('starts, works, and gives each node once', async () => {
    const starting = backendWith(at('running', build('queued')));
    expect(await starting.backend.read(reference, null, call)).toMatchObject({
      value: { phase: 'starting', nodes: [] },
    });
    const line = (id: string): string => `floe:nodes [{"id":"${id}","status":"succeeded"}]`;
    const logs: Reply = ({ query }) => (query.has('token') ? log([line('b')], 't2') : log([line('a')], 't1'));
    const { backend } = backendWith(at('running', build('running'), { [`GET ${taskPath}/logs/1`]: logs }));
    const first = await backend.read(reference, null, call);
    expect(first).toMatchObject({
      value: { phase: 'running', startedAt: '2026-01-01T00:00:01Z', nodes: [{ id: 'a' }], hasMore: true },
    });
    const cursor = first.ok ? first.value.cursor : null;
    expect(await backend.read(reference, cursor, call)).toMatchObject({ value: { nodes: [{ id: 'b' }] } });
  });

  it('ends green with its record', async () => {
    const { backend, http } = backendWith(
      at('success', build('success'), {
        [`GET ${taskPath}/logs/1`]: log([]),
        [`GET ${taskPath}/xcomEntries/floe_record`]: answer({ key: 'floe_record', value: record }),
      }),
    );
    expect(await backend.read(reference, null, call)).toMatchObject({
      ok: true,
      value: { phase: 'ended', ending: 'succeeded', record: { outcome: 'succeeded' } },
    });
    expect(http.count('GET /api/v2/eventLogs')).toBe(0);
  });

  it('is never green without a record', async () => {
    const { backend } = backendWith(at('success', build('removed')));
    const read = await backend.read(reference, null, call);
    expect(read).toMatchObject({ value: { phase: 'ended', ending: 'succeeded', cause: { cause: 'tasks_removed' } } });
    expect(read.ok ? read.value.record : null).toBeUndefined();
  });

  it('gives a cancelled process the time to write its record', async () => {
    const { backend, clock } = backendWith(
      at('failed', build('failed'), {
        [`GET ${taskPath}/logs/1`]: log(['x']),
        'GET /api/v2/eventLogs': recorded('event-logs'),
      }),
    );
    const first = await backend.read(reference, null, call);
    expect(first).toMatchObject({ value: { phase: 'cancelling' } });
    await clock.advance(20_000);
    const cursor = first.ok ? first.value.cursor : null;
    expect(await backend.read(reference, cursor, call)).toMatchObject({
      value: { phase: 'ended', ending: 'cancelled' },
    });
  });

  it('tells why a run failed before it could report', async () => {
    const { backend } = backendWith(
      at('failed', build('failed'), {
        [`GET ${taskPath}/logs/1`]: recorded('log-failed'),
        'GET /api/v2/eventLogs': answer({ event_logs: [] }),
      }),
    );
    expect(await backend.read(reference, null, call)).toMatchObject({
      value: { ending: 'failed', cause: { cause: 'loader_failed', message: 'ValueError: boom secret-ish' } },
    });
  });

  it('knows when a run was deleted', async () => {
    const { backend } = backendWith({});
    expect(await backend.read(reference, null, call)).toMatchObject({ ok: false, failure: { code: 'RUN_NOT_FOUND' } });
  });
});

describe('logs', () => {
  it('gives the lines for people, and goes on from there', async () => {
    const { backend } = backendWith(
      at('running', build('running'), { [`GET ${taskPath}/logs/1`]: log(['START', 'floe:nodes []'], 't1') }),
    );
    const page = await backend.logs(reference, null, call);
    expect(page).toMatchObject({ ok: true, value: { lines: [{ text: 'START' }], hasMore: true } });
  });
});

describe('cancel', () => {
  it('marks the run as failed, which ends its process', async () => {
    const { backend, http } = backendWith({ [`GET ${runPath}`]: run('running'), [`PATCH ${runPath}`]: run('failed') });
    expect(await backend.cancel(reference, false, call)).toEqual({ ok: true, value: 'accepted' });
    expect(http.asked.at(-1)?.json).toEqual({ state: 'failed' });
  });

  it('leaves an ended run alone', async () => {
    const { backend, http } = backendWith({ [`GET ${runPath}`]: run('success') });
    expect(await backend.cancel(reference, false, call)).toEqual({ ok: true, value: 'already_ended' });
    expect(http.count(`PATCH ${runPath}`)).toBe(0);
  });

  it('by force also ends the tasks that are still under way', async () => {
    const tasks = answer({ task_instances: [{ task_id: 'build', state: 'running', try_number: 1 }] });
    const { backend, http } = backendWith({
      [`GET ${runPath}`]: run('failed'),
      [`PATCH ${runPath}`]: run('failed'),
      [`GET ${runPath}/taskInstances`]: tasks,
      [`PATCH ${taskPath}`]: recorded('parse-dag-file-pending-again'),
    });
    expect(await backend.cancel(reference, true, call)).toEqual({ ok: true, value: 'accepted' });
    expect(http.asked.at(-1)).toMatchObject({ name: `PATCH ${taskPath}`, json: { new_state: 'failed' } });
  });
});

describe('diagnose', () => {
  it('asks Airflow what keeps the run', async () => {
    const { backend } = backendWith(
      at('running', build('scheduled'), {
        'GET /api/v2/monitor/health': recorded('health-all-ok'),
        'GET /api/v2/dags/shop/dagRuns': answer({ dag_runs: [] }),
        [`GET ${taskPath}/dependencies`]: recorded('deps-nopool'),
      }),
    );
    expect(await backend.diagnose(reference, 'starting', call)).toMatchObject({ cause: 'pool_missing' });
  });

  it('says when Airflow cannot be asked', async () => {
    const { backend } = backendWith({
      'GET /api/v2/monitor/health': { status: 503, headers: {}, text: '' },
      'GET /api/v2/dags/shop': { status: 503, headers: {}, text: '' },
      'GET /api/v2/dags/shop/dagRuns': { status: 503, headers: {}, text: '' },
    });
    expect(await backend.diagnose(undefined, 'submitting', call)).toMatchObject({ cause: 'airflow_unreachable' });
  });
});
