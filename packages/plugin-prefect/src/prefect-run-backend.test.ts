import { describe, expect, it } from '@jest/globals';
import { runRequestSchema, type RunRequest } from '@floe/core/execution/run-request';
import type { HttpOutcome } from '@floe/core/http/http-client';
import { createChainPipeline } from '@floe/core/testing/chain-pipeline';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { z } from 'zod';
import {
  answer,
  call,
  recorded,
  recordedBody,
  scriptedPrefect,
  type AskedRequest,
  type ScriptedHttp,
} from '../tests/support/prefect-recordings.js';
import { runNames } from './prefect-launch.js';
import { PrefectRunBackend } from './prefect-run-backend.js';

const hash = `sha256:${'a'.repeat(64)}`;
const fields = z.record(z.string(), z.unknown());
const deployment = { ...recordedBody('deployment-read', fields), version: hash };
const deploymentPath = `/deployments/${z.string().parse(fields.parse(deployment).id)}`;
const byName = 'GET /deployments/name/floe-shop/local';
const lost: HttpOutcome = { kind: 'fault', fault: { kind: 'reset', message: '' } };
const run = { runId: '0a0a0a0a-0000-4000-8000-000000000001', url: null };
const runPath = `/flow_runs/${run.runId}`;

function backendWith(
  replies: Parameters<typeof scriptedPrefect>[0],
  clock = new FakeClock(),
): { backend: PrefectRunBackend; http: ScriptedHttp } {
  const { client, http } = scriptedPrefect(replies, clock);
  const names = runNames(createChainPipeline());
  return {
    backend: new PrefectRunBackend({ client, names, workPool: 'floe', heartbeatTolerance: 90, clock }),
    http,
  };
}

function request(change: Partial<RunRequest> = {}): RunRequest {
  return runRequestSchema.parse({ protocol: 1, key: 'my-key', ...change });
}

/** A run of Prefect in a state. */
function flowRun(type: string, change: Readonly<Record<string, unknown>> = {}): ReturnType<typeof answer> {
  const name = `${type.slice(0, 1)}${type.slice(1).toLowerCase()}`;
  return answer({
    ...recordedBody('run-read', fields),
    id: run.runId,
    state_type: type,
    state_name: name,
    state: { type, name, timestamp: '2026-01-01T00:00:00Z', message: null },
    ...change,
  });
}

function taskRun(key: string, name: string, change: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    id: `t-${key}`,
    name: key,
    task_key: key,
    state_type: 'COMPLETED',
    state_name: name,
    start_time: '2026-01-01T00:00:01Z',
    end_time: '2026-01-01T00:00:02.500Z',
    labels: { 'floe.rows': 3, 'floe.dbt-status': 'success' },
    state: { type: 'COMPLETED', name, timestamp: null, message: 'OK' },
    ...change,
  };
}

const tasks = (ended: unknown[], running: unknown[] = []) => ({
  'POST /task_runs/filter': ({ json }: AskedRequest) =>
    answer(JSON.stringify(json).includes('RUNNING') ? running : ended),
});
const nothing = { 'POST /artifacts/filter': answer([]), 'POST /logs/filter': answer([]), ...tasks([]) };
const record = {
  protocol: 1,
  key: 'my-key',
  planned: 1,
  attempts: [{ n: 1, nodes: [{ id: 'model.shop.a', status: 'succeeded' }] }],
  outcome: 'succeeded',
};

describe('submit', () => {
  it('makes a run with a key, by which Prefect makes one only', async () => {
    const path = `${deploymentPath}/create_flow_run`;
    const { backend, http } = backendWith({ [byName]: answer(deployment), [`POST ${path}`]: flowRun('SCHEDULED') });
    const input = { request: request({ bundle_hash: hash, traceparent: '00-ab-cd-01' }), expectedHash: hash };
    expect(await backend.submit(input, call)).toEqual({
      kind: 'submitted',
      run: { runId: run.runId, url: `http://prefect:4200/runs/flow-run/${run.runId}` },
    });
    expect(http.bodies('POST', path)).toEqual([
      {
        name: 'my-key',
        idempotency_key: 'floe:local:my-key',
        parameters: { floe: input.request },
        labels: {
          'floe.key': 'my-key',
          'floe.product': 'shop',
          'floe.platform': 'local',
          'floe.bundle-hash': hash,
          __OTEL_TRACEPARENT: '00-ab-cd-01',
          'floe.traceparent': '00-ab-cd-01',
        },
      },
    ]);
  });

  it('refuses what is not deployed, or is another bundle', async () => {
    const missing = backendWith({ [byName]: recorded('run-404') }).backend;
    expect(await missing.submit({ request: request(), expectedHash: hash }, call)).toMatchObject({
      kind: 'rejected',
      fault: { code: 'DEPLOYMENT_MISSING', retryable: false },
    });
    const other = backendWith({ [byName]: answer({ ...deployment, version: 'sha256:b' }) }).backend;
    expect(await other.submit({ request: request(), expectedHash: hash }, call)).toMatchObject({
      kind: 'rejected',
      fault: { code: 'DEPLOYMENT_STALE' },
    });
  });

  it('does not call a wrong address a missing deployment', async () => {
    const { backend } = backendWith({ [byName]: recorded('404-wrong-base') });
    expect(await backend.submit({ request: request(), expectedHash: hash }, call)).toMatchObject({
      fault: { code: 'CONNECTION_WRONG_ENDPOINT' },
    });
  });

  it('knows when nobody knows whether there is a run', async () => {
    const { backend } = backendWith({ [byName]: answer(deployment), [`POST ${deploymentPath}/create_flow_run`]: lost });
    expect(await backend.submit({ request: request(), expectedHash: hash }, call)).toMatchObject({ kind: 'unknown' });
  });

  it('passes on why Prefect refuses parameters', async () => {
    const { backend } = backendWith({
      [byName]: answer(deployment),
      [`POST ${deploymentPath}/create_flow_run`]: recorded('run-409-params'),
    });
    expect(await backend.submit({ request: request(), expectedHash: hash }, call)).toMatchObject({
      kind: 'rejected',
      fault: { message: expect.stringContaining("not of type 'integer'") },
    });
  });

  it('refuses more than Prefect can keep with a run', async () => {
    const { backend } = backendWith({ [byName]: answer(deployment) });
    const ids = Array.from({ length: 20_000 }, (_, index) => `model.shop.a_model_with_a_rather_long_name_${index}`);
    expect(await backend.submit({ request: request({ ids }), expectedHash: hash }, call)).toMatchObject({
      kind: 'rejected',
      fault: { code: 'INVALID_VALUE' },
    });
  });
});

describe('find and locate', () => {
  it('asks by the key within the flow', async () => {
    const { backend, http } = backendWith({
      'POST /flow_runs/filter': answer([]),
      [`GET ${runPath}`]: flowRun('RUNNING'),
    });
    expect(await backend.find('my-key', call)).toEqual({ ok: true, value: undefined });
    expect(http.bodies('POST', '/flow_runs/filter')[0]).toMatchObject({
      flows: { name: { any_: ['floe-shop'] } },
      flow_runs: { idempotency_key: { any_: ['floe:local:my-key'] } },
    });
    expect(await backend.locate(run.runId, call)).toMatchObject({ ok: true, value: { runId: run.runId } });
    expect(await backend.locate('unknown-key', call)).toMatchObject({ failure: { code: 'RUN_NOT_FOUND' } });
  });
});

describe('read', () => {
  it('tells nodes that ended, from where it stopped, and those that run', async () => {
    const { backend, http } = backendWith({
      [`GET ${runPath}`]: flowRun('RUNNING'),
      ...tasks(
        [taskRun('model.shop.b', 'Warned', { end_time: '2026-01-01T00:00:09Z' }), taskRun('model.shop.a', 'Completed')],
        [taskRun('model.shop.c', 'Running', { end_time: null })],
      ),
    });
    const first = await backend.read(run, null, call);
    if (!first.ok) throw new TypeError(first.failure.message);
    expect(first.value).toMatchObject({ phase: 'running', startedAt: expect.any(String), hasMore: false });
    expect(first.value.nodes.map(({ id, status }) => [id, status])).toEqual([
      ['model.shop.a', 'succeeded'],
      ['model.shop.b', 'warned'],
      ['model.shop.c', 'running'],
    ]);
    expect(first.value.nodes[0]).toMatchObject({ seconds: 1.5, rows: 3, dbt_status: 'success', message: 'OK' });
    await backend.read(run, first.value.cursor, call);
    const filters = http.bodies('POST', '/task_runs/filter').map((body) => JSON.stringify(body));
    expect(filters[0]).toContain('"end_time":{"is_null_":false}');
    expect(filters[2]).toContain('"after_":"2026-01-01T00:00:04.000Z"');
  });

  it('asks for no nodes before the run has begun', async () => {
    const { backend, http } = backendWith({
      [`GET ${runPath}`]: flowRun('PENDING', { run_count: 0, start_time: null }),
    });
    expect(await backend.read(run, null, call)).toMatchObject({ value: { phase: 'starting', nodes: [] } });
    expect(http.asked).toHaveLength(1);
  });

  it('knows a wait for another run of the product from a slot that nobody gives back', async () => {
    const waiting = { [`GET ${runPath}`]: answer({ ...recordedBody('run-awaiting-slot', fields), id: run.runId }) };
    const other = JSON.parse(flowRun('RUNNING', { id: 'other' }).text) as unknown;
    const behind = backendWith({ ...waiting, 'POST /flow_runs/filter': answer([other]) }).backend;
    expect(await behind.read(run, null, call)).toMatchObject({ value: { phase: 'queued', waitingForOwnSlot: true } });
    const stuck = backendWith({ ...waiting, 'POST /flow_runs/filter': answer([]) }).backend;
    expect(await stuck.read(run, null, call)).toMatchObject({ value: { phase: 'queued', waitingForOwnSlot: false } });
  });

  it('believes an end that it has seen twice, and then tells the record', async () => {
    const { backend } = backendWith({
      [`GET ${runPath}`]: flowRun('COMPLETED', { end_time: '2026-01-01T00:00:00Z' }),
      ...tasks([taskRun('model.shop.a', 'Completed')]),
      'POST /artifacts/filter': answer([{ id: 'a', data: JSON.stringify(record), created: '2026-01-01T00:00:00Z' }]),
    });
    const first = await backend.read(run, null, call);
    if (!first.ok) throw new TypeError(first.failure.message);
    const last = first.value.phase === 'ended' ? first : await backend.read(run, first.value.cursor, call);
    expect(last).toMatchObject({
      value: {
        phase: 'ended',
        ending: 'succeeded',
        record: { outcome: 'succeeded' },
        finishedAt: '2026-01-01T00:00:00Z',
      },
    });
  });

  it('does not believe an end that was none', async () => {
    const recently = new FakeClock().now();
    const states = ['COMPLETED', 'RUNNING'];
    const end = { end_time: new Date(recently).toISOString() };
    const { backend } = backendWith({
      [`GET ${runPath}`]: () => flowRun(states.shift() ?? 'RUNNING', end),
      ...nothing,
    });
    const first = await backend.read(run, null, call);
    if (!first.ok) throw new TypeError(first.failure.message);
    expect(first.value).toMatchObject({ phase: 'queued', hasMore: true });
    expect(await backend.read(run, first.value.cursor, call)).toMatchObject({ value: { phase: 'running' } });
  });

  it('gives a crash two seconds to turn out as none, and tells its reason from the log', async () => {
    const clock = new FakeClock();
    const end = new Date(clock.now()).toISOString();
    const state = { type: 'CRASHED', name: 'Crashed', timestamp: end, message: 'Process exited with status code: 1.' };
    const message = "Traceback …\nModuleNotFoundError: No module named 'no_such_module'";
    const { backend } = backendWith(
      {
        [`GET ${runPath}`]: flowRun('CRASHED', { state, run_count: 0, end_time: end }),
        ...nothing,
        'POST /logs/filter': answer([{ id: 'l', level: 40, message, timestamp: '2026-01-01T00:00:00Z' }]),
      },
      clock,
    );
    let snapshot = await backend.read(run, null, call);
    const began = clock.now();
    for (let looks = 0; snapshot.ok && snapshot.value.phase !== 'ended' && looks < 10; looks += 1) {
      await clock.sleep(500);
      snapshot = await backend.read(run, snapshot.value.cursor, call);
    }
    expect(clock.now() - began).toBeGreaterThanOrEqual(2_000);
    expect(snapshot).toMatchObject({
      value: {
        phase: 'ended',
        ending: 'failed',
        cause: { cause: 'loader_failed', message: "ModuleNotFoundError: No module named 'no_such_module'" },
      },
    });
    expect(snapshot.ok && snapshot.value.startedAt).toBeUndefined();
  });

  it('says once that another run of the product has kept this one out', async () => {
    const state = {
      type: 'CANCELLED',
      name: 'Cancelled',
      timestamp: null,
      message: 'Deployment concurrency limit reached.',
    };
    const { backend } = backendWith({
      [`GET ${runPath}`]: flowRun('CANCELLED', { state, run_count: 0, end_time: '2026-01-01T00:00:00Z' }),
      ...nothing,
    });
    let snapshot = await backend.read(run, null, call);
    expect(snapshot).toMatchObject({ value: { phase: 'queued', waitingForOwnSlot: true } });
    for (let looks = 0; snapshot.ok && snapshot.value.phase !== 'ended' && looks < 3; looks += 1) {
      snapshot = await backend.read(run, snapshot.value.cursor, call);
    }
    expect(snapshot).toMatchObject({ value: { phase: 'ended', ending: 'cancelled' } });
  });

  it('tells a run that is gone', async () => {
    const { backend } = backendWith({
      [`GET ${runPath}`]: answer({ exception_message: 'Flow run not found' }, 404),
    });
    expect(await backend.read(run, null, call)).toMatchObject({ failure: { code: 'RUN_NOT_FOUND' } });
  });
});

describe('cancel', () => {
  const setState = `POST ${runPath}/set_state`;

  it.each([
    ['running', 'RUNNING', 'cancel-running', 'accepted'],
    ['waiting', 'SCHEDULED', 'cancel-scheduled', 'already_ended'],
    ['just ended', 'RUNNING', 'cancel-completed', 'already_ended'],
  ])('of a run that is %s', async (_, type, recording, outcome) => {
    const { backend, http } = backendWith({ [`GET ${runPath}`]: flowRun(type), [setState]: recorded(recording) });
    expect(await backend.cancel(run, false, call)).toEqual({ ok: true, value: outcome });
    expect(http.asked.at(-1)?.json).toMatchObject({ state: { type: 'CANCELLING' }, force: false });
  });

  it('never sets a state of a run that has ended, which would wake it up', async () => {
    const { backend, http } = backendWith({ [`GET ${runPath}`]: flowRun('COMPLETED') });
    expect(await backend.cancel(run, true, call)).toEqual({ ok: true, value: 'already_ended' });
    expect(http.asked).toHaveLength(1);
  });

  it('by force ends a run whose cancellation got stuck', async () => {
    const { backend, http } = backendWith({
      [`GET ${runPath}`]: flowRun('CANCELLING'),
      [setState]: answer({ status: 'ACCEPT', state: null, details: null }, 201),
    });
    expect(await backend.cancel(run, false, call)).toEqual({ ok: true, value: 'accepted' });
    expect(http.asked).toHaveLength(1);
    expect(await backend.cancel(run, true, call)).toEqual({ ok: true, value: 'accepted' });
    expect(http.asked.at(-1)?.json).toMatchObject({ state: { type: 'CANCELLED' }, force: true });
  });

  it('may be asked again when Prefect does not take it now', async () => {
    const reply = answer({ status: 'WAIT', state: null, details: { delay_seconds: 1 } });
    const { backend } = backendWith({ [`GET ${runPath}`]: flowRun('PENDING'), [setState]: reply });
    expect(await backend.cancel(run, false, call)).toEqual({ ok: true, value: 'not_now' });
  });
});

describe('diagnose', () => {
  it('puts together what Prefect tells', async () => {
    const { backend } = backendWith({
      [byName]: answer(deployment),
      [`GET ${runPath}`]: flowRun('SCHEDULED'),
      'GET /work_pools/floe': answer({ ...recordedBody('pool-read-after-worker', fields), is_paused: true }),
      'POST /work_pools/floe/workers/filter': recorded('workers-filter'),
      'GET /work_pools/floe/queues/default': recorded('pool-404'),
      'POST /flow_runs/filter': answer([]),
      'POST /logs/filter': recorded('logs'),
    });
    expect(await backend.diagnose(run, 'queued', call)).toMatchObject({ cause: 'pool_paused' });
  });

  it('says that Prefect cannot be asked', async () => {
    const { backend } = backendWith({ 'GET *': lost, 'POST *': lost });
    expect(await backend.diagnose(run, 'running', call)).toMatchObject({ cause: 'prefect_unreachable' });
  });
});
