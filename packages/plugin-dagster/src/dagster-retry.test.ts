import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '@floe/core/testing/chain-pipeline';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { answer, ScriptedHttp } from '../tests/support/dagster-recordings.js';
import { createDagsterClient } from './dagster-client.js';
import { buildNameTable } from './dagster-name-table.js';
import { idsToRetry } from './dagster-retry.js';
import { DagsterRunBackend } from './dagster-run-backend.js';

const pipeline = createChainPipeline();
const names = buildNameTable(pipeline);
const [first, second, third] = pipeline.assets.map(({ id }) => id);
const checks = pipeline.checks.map(({ id }) => id);
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };

interface Parent {
  readonly status?: string;
  readonly nodes?: readonly unknown[];
  readonly record?: unknown;
  readonly selected?: readonly string[][];
}

function idsFor({ status = 'FAILURE', nodes = [], record, selected }: Parent): Promise<string[]> {
  const metadata = [
    { label: 'floe/nodes', text: JSON.stringify(nodes) },
    ...(record === undefined ? [] : [{ label: 'floe/record', text: JSON.stringify(record) }]),
  ];
  const run = {
    __typename: 'Run',
    runId: 'r1',
    jobName: 'shop_job',
    status,
    creationTime: 1,
    startTime: 1,
    endTime: 2,
    rootRunId: null,
    parentRunId: null,
    tags: [],
    assetSelection: selected?.map((path) => ({ path })) ?? null,
    assetCheckSelection: selected === undefined ? null : [],
  };
  const http = new ScriptedHttp({
    RunSelection: answer({ runOrError: run }),
    RunProgress: answer({
      runOrError: run,
      logsForRun: {
        __typename: 'EventConnection',
        cursor: 'c',
        hasMore: false,
        events: [{ __typename: 'EngineEvent', message: 'x', metadataEntries: metadata }],
      },
    }),
    Runs: answer({ runsOrError: { __typename: 'Runs', results: [] } }),
  });
  const clock = new FakeClock();
  const client = createDagsterClient(http, 'http://dagster', clock);
  const repository = { location: 'shop', repository: '__repository__' };
  const backend = new DagsterRunBackend({ client, pipeline, names, repository, clock });
  return idsToRetry({ client, backend, pipeline, names, run: { runId: 'r1', url: null } }, call);
}

const done = (id: string | undefined): unknown => ({ id, status: 'succeeded' });

describe('idsToRetry', () => {
  it('takes what did not succeed, a warning is a success', async () => {
    const nodes = [
      done(first),
      { id: second, status: 'failed' },
      { id: third, status: 'skipped' },
      { id: checks[0], status: 'warned' },
    ];
    expect(await idsFor({ nodes })).toEqual([second, third, checks[1], checks[2]]);
  });

  it('works without a record, as after a killed process, and with a part', async () => {
    expect(
      await idsFor({
        nodes: [done(first)],
        selected: [
          ['shop', 'model_1'],
          ['shop', 'model_2'],
        ],
      }),
    ).toEqual([second]);
  });

  it('believes the record over the events', async () => {
    const attempts = [{ n: 1, nodes: [...pipeline.assets.map(({ id }) => done(id)), ...checks.slice(1).map(done)] }];
    const record = { protocol: 1, key: 'k', planned: 6, attempts, outcome: 'failed' };
    expect(await idsFor({ nodes: [{ id: first, status: 'failed' }], record })).toEqual([checks[0]]);
  });

  it('refuses a run that has not ended: Dagster would start a second dbt beside it', async () => {
    await expect(idsFor({ status: 'STARTED' })).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
  });

  it('refuses a run with nothing left to do', async () => {
    const nodes = [...pipeline.assets, ...pipeline.checks].map(({ id }) => done(id));
    await expect(idsFor({ nodes })).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
  });
});
