import { describe, expect, it } from '@jest/globals';
import type { HttpResponse } from '@floe/core/http/http-client';
import { runRequestSchema, type RunRequest } from '@floe/core/execution/run-request';
import { createChainPipeline } from '@floe/core/testing/chain-pipeline';
import { FakeClock } from '@floe/core/testing/fake-clock';
import {
  answer,
  recorded,
  recordedData,
  ScriptedHttp,
  type AskedOperation,
} from '../tests/support/dagster-recordings.js';
import { createDagsterClient } from './dagster-client.js';
import { buildNameTable } from './dagster-name-table.js';
import { DagsterRunBackend } from './dagster-run-backend.js';

const pipeline = createChainPipeline({ execution: { timeout: 100 } });
const hash = `sha256:${'a'.repeat(64)}`;
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
const jobs = answer({
  repositoryOrError: {
    __typename: 'Repository',
    jobs: [{ name: 'shop_job', tags: [{ key: 'floe/bundle-hash', value: hash }] }],
  },
});

function backendWith(
  answers: Readonly<Record<string, HttpResponse | ((asked: AskedOperation) => HttpResponse)>>,
  now = Date.UTC(2026, 0, 1),
): { backend: DagsterRunBackend; http: ScriptedHttp } {
  const http = new ScriptedHttp({ LocationJobs: jobs, ...answers });
  const clock = new FakeClock({ start: now, mode: 'manual' });
  const backend = new DagsterRunBackend({
    client: createDagsterClient(http, 'http://dagster:3000', clock),
    pipeline,
    names: buildNameTable(pipeline),
    repository: { location: 'shop', repository: '__repository__' },
    clock,
  });
  return { backend, http };
}

function request(fields: Partial<RunRequest> = {}): RunRequest {
  return runRequestSchema.parse({ protocol: 1, key: 'my-key', ...fields });
}

function run(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    __typename: 'Run',
    runId: 'r1',
    jobName: 'shop_job',
    status: 'STARTED',
    creationTime: 1_000,
    startTime: null,
    endTime: null,
    rootRunId: null,
    parentRunId: null,
    tags: [],
    ...fields,
  };
}

function events(
  list: readonly unknown[],
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return { __typename: 'EventConnection', cursor: 'c1', hasMore: false, events: list, ...more };
}

describe('submit', () => {
  it('launches the job of the product with the tags by which it is found again', async () => {
    const { backend, http } = backendWith({ LaunchRun: recorded('launch-success') });
    const input = {
      request: request({ timeout: 40.5, bundle_hash: hash, ids: ['model.shop.model_1'] }),
      expectedHash: hash,
    };
    const outcome = await backend.submit(input, call);
    expect(outcome).toMatchObject({ kind: 'submitted', run: { runId: expect.any(String) } });
    const parameters = http.asked.at(-1)?.variables.parameters as {
      selector: unknown;
      executionMetadata: { tags: { key: string; value: string }[] };
    };
    expect(parameters.selector).toEqual({
      repositoryLocationName: 'shop',
      repositoryName: '__repository__',
      jobName: 'shop_job',
      assetSelection: [{ path: ['shop', 'model_1'] }],
      assetCheckSelection: [],
    });
    const tags = Object.fromEntries(parameters.executionMetadata.tags.map(({ key, value }) => [key, value]));
    expect(tags).toMatchObject({
      'floe/key': 'my-key',
      'floe/product': 'shop',
      'floe/bundle-hash': hash,
      'dagster/max_runtime': '101',
    });
    // Dagster's selection carries the ids; PostgreSQL could not index a long tag.
    expect(JSON.parse(tags['floe/request'] ?? '')).toMatchObject({ protocol: 1, key: 'my-key', ids: null });
  });

  it('refuses what is not deployed before it launches', async () => {
    const stale = backendWith({});
    expect(
      await stale.backend.submit({ request: request(), expectedHash: `sha256:${'b'.repeat(64)}` }, call),
    ).toMatchObject({
      kind: 'rejected',
      fault: { code: 'DEPLOYMENT_STALE', retryable: false },
    });
    expect(stale.http.asked.map(({ operation }) => operation)).toEqual(['LocationJobs']);
    const unknown = {
      LocationJobs: answer({ repositoryOrError: { __typename: 'RepositoryNotFoundError', message: '' } }),
    };
    const broken = backendWith({ ...unknown, Workspace: recorded('workspace-broken-location') });
    expect(await broken.backend.submit({ request: request(), expectedHash: null }, call)).toMatchObject({
      kind: 'rejected',
      fault: { code: 'DEPLOYMENT_MISSING' },
    });
  });

  it.each([
    ['launch-unknown-job', 'rejected', 'DEPLOYMENT_MISSING'],
    ['launch-invalid-asset-subset', 'rejected', 'PLATFORM_REFUSED'],
    ['launch-invalid-config-missing', 'rejected', 'PLATFORM_REFUSED'],
  ])('tells %s as %s', async (name, kind, code) => {
    const { backend } = backendWith({ LaunchRun: recorded(name), Workspace: recorded('workspace-broken-location') });
    expect(await backend.submit({ request: request(), expectedHash: null }, call)).toMatchObject({
      kind,
      fault: { code },
    });
  });

  it('does not know whether a run exists after an error in the middle of a launch', async () => {
    const python = (className: string): HttpResponse =>
      answer({ launchRun: { __typename: 'PythonError', className, message: `${className}: x`, errorChain: [] } }, 500);
    const launcher = backendWith({ LaunchRun: python('DagsterLaunchFailedError') });
    expect(await launcher.backend.submit({ request: request(), expectedHash: null }, call)).toMatchObject({
      kind: 'unknown',
    });
    const subset = backendWith({ LaunchRun: python('DagsterInvalidSubsetError') });
    expect(await subset.backend.submit({ request: request(), expectedHash: null }, call)).toMatchObject({
      kind: 'rejected',
    });
    const gateway = backendWith({ LaunchRun: { status: 504, headers: {}, text: '' } });
    expect(await gateway.backend.submit({ request: request(), expectedHash: null }, call)).toMatchObject({
      kind: 'unknown',
    });
  });

  it('tells a read-only address', async () => {
    const { backend } = backendWith({
      LaunchRun: answer({ launchRun: { __typename: 'UnauthorizedError', message: 'no' } }),
    });
    expect(await backend.submit({ request: request(), expectedHash: null }, call)).toMatchObject({
      kind: 'rejected',
      fault: { code: 'CONNECTION_READ_ONLY' },
    });
  });

  it('refuses vars that no database of Dagster could keep', async () => {
    const { backend, http } = backendWith({});
    const outcome = await backend.submit(
      { request: request({ vars: { list: 'x'.repeat(3_000) } }), expectedHash: null },
      call,
    );
    expect(outcome).toMatchObject({ kind: 'rejected', fault: { code: 'INVALID_VALUE' } });
    expect(http.asked.map(({ operation }) => operation)).not.toContain('LaunchRun');
  });

  it('shows the run that repeats a part of another below it', async () => {
    const parent = answer({ runsOrError: { __typename: 'Runs', results: [run({ rootRunId: 'r0' })] } });
    const { backend, http } = backendWith({ Runs: parent, LaunchRun: recorded('launch-success') });
    await backend.submit({ request: request(), expectedHash: null, retryOf: { runId: 'r1', url: null } }, call);
    expect(http.asked.at(-1)?.variables.parameters).toMatchObject({
      executionMetadata: { parentRunId: 'r1', rootRunId: 'r0' },
    });
  });
});

describe('find', () => {
  it('takes the oldest of all pages', async () => {
    const page = (asked: AskedOperation): HttpResponse => {
      const first = asked.variables.cursor === null;
      const results = first
        ? Array.from({ length: 50 }, (_, index) => run({ runId: `new-${index}` }))
        : [run({ runId: 'older' }), run({ runId: 'oldest' })];
      return answer({ runsOrError: { __typename: 'Runs', results } });
    };
    const { backend, http } = backendWith({ Runs: page });
    expect(await backend.find('my-key', call)).toEqual({
      ok: true,
      value: { runId: 'oldest', url: 'http://dagster:3000/runs/oldest' },
    });
    expect(http.asked.map(({ variables }) => variables.cursor)).toEqual([null, 'new-49']);
  });

  it('finds nothing', async () => {
    const { backend } = backendWith({ Runs: answer({ runsOrError: { __typename: 'Runs', results: [] } }) });
    expect(await backend.find('my-key', call)).toEqual({ ok: true, value: undefined });
    expect(await backend.locate('my-key', call)).toMatchObject({ ok: false, failure: { code: 'RUN_NOT_FOUND' } });
  });
});

describe('read', () => {
  const reference = { runId: 'r1', url: null };

  it('tells phase, times and nodes, and goes on where it was', async () => {
    const progress = (asked: AskedOperation): HttpResponse =>
      answer({
        runOrError: run({ startTime: 1_795_591_143.5 }),
        logsForRun: events(
          asked.variables.cursor === null
            ? [
                {
                  __typename: 'EngineEvent',
                  message: 'floe',
                  metadataEntries: [{ label: 'floe/nodes', text: '[{"id":"a","status":"running"}]' }],
                },
              ]
            : [],
          { hasMore: asked.variables.cursor === null },
        ),
      });
    const { backend, http } = backendWith({ RunProgress: progress });
    const first = await backend.read(reference, null, call);
    if (!first.ok) throw new TypeError(first.failure.message);
    expect(first.value).toMatchObject({
      phase: 'running',
      startedAt: '2026-11-25T07:19:03.500Z',
      nodes: [{ id: 'a', status: 'running' }],
      hasMore: true,
    });
    const second = await backend.read(reference, first.value.cursor, call);
    expect(second).toMatchObject({ ok: true, value: { nodes: [], hasMore: false } });
    expect(http.asked.map(({ variables }) => variables.cursor)).toEqual([null, 'c1']);
  });

  it("remembers Dagster's time limit until the run has ended", async () => {
    const states = ['CANCELING', 'FAILURE'];
    const { backend } = backendWith({
      RunProgress: () => {
        const status = states.shift() ?? '';
        const first = status === 'CANCELING';
        const canceling = {
          __typename: 'RunCancelingEvent',
          message: 'Canceling due to exceeding maximum runtime of 5 seconds.',
        };
        return answer({ runOrError: run({ status, endTime: 5 }), logsForRun: events(first ? [canceling] : []) });
      },
    });
    const first = await backend.read(reference, null, call);
    const second = await backend.read(reference, first.ok ? first.value.cursor : null, call);
    expect(second).toMatchObject({ ok: true, value: { phase: 'ended', ending: 'timed_out' } });
  });

  it('says when it only waits for another run of the product', async () => {
    const others = (results: readonly unknown[]): HttpResponse =>
      answer({ runsOrError: { __typename: 'Runs', results } });
    const progress = answer({ runOrError: run({ status: 'QUEUED' }), logsForRun: events([]) });
    const waiting = backendWith({ RunProgress: progress, Runs: others([run({ runId: 'other' })]) });
    expect(await waiting.backend.read(reference, null, call)).toMatchObject({
      value: { phase: 'queued', waitingForOwnSlot: true },
    });
    const alone = backendWith({ RunProgress: progress, Runs: others([run()]) });
    expect(await alone.backend.read(reference, null, call)).toMatchObject({ value: { waitingForOwnSlot: false } });
  });

  it('follows a restart of Dagster', async () => {
    const { runOrError } = recordedData('run-will-retry-first');
    const { backend } = backendWith({ RunProgress: answer({ runOrError, logsForRun: events([]) }) });
    expect(await backend.read(reference, null, call)).toMatchObject({
      value: { phase: 'ended', restartedAs: { runId: 'af7928dc-a1cf-4aa5-a5fd-2ef052d3f79a' } },
    });
  });

  it('tells a run that is gone', async () => {
    const missing = { __typename: 'RunNotFoundError', message: 'x' };
    const { backend } = backendWith({ RunProgress: answer({ runOrError: missing, logsForRun: missing }) });
    expect(await backend.read(reference, null, call)).toMatchObject({
      failure: { code: 'RUN_NOT_FOUND', retryable: false },
    });
  });
});

describe('cancel', () => {
  it.each([
    ['terminate-safe-STARTED', 'accepted'],
    ['terminate-safe-STARTING', 'not_now'],
    ['terminate-safe-CANCELING', 'accepted'],
    ['terminate-safe-CANCELED', 'already_ended'],
  ])('%s is %s', async (name, expected) => {
    const { backend, http } = backendWith({ TerminateRun: recorded(name) });
    expect(await backend.cancel({ runId: 'r1', url: null }, false, call)).toEqual({ ok: true, value: expected });
    expect(http.asked[0]?.variables).toEqual({ runId: 'r1', policy: 'SAFE_TERMINATE' });
  });

  it('marks by force, and tells a run that is gone', async () => {
    const { backend, http } = backendWith({ TerminateRun: recorded('terminate-not-found') });
    expect(await backend.cancel({ runId: 'r1', url: null }, true, call)).toMatchObject({
      failure: { code: 'RUN_NOT_FOUND' },
    });
    expect(http.asked[0]?.variables.policy).toBe('MARK_AS_CANCELED_IMMEDIATELY');
  });
});
