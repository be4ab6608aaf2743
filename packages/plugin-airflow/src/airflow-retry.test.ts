import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '@floe/core/testing/chain-pipeline';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { answer, recordedJson, ScriptedHttp, scriptedClient } from '../tests/support/airflow-recordings.js';
import { idsToRetry } from './airflow-retry.js';
import { AirflowRunBackend } from './airflow-run-backend.js';

const pipeline = createChainPipeline();
const [first = '', second = '', third = ''] = pipeline.assets.map(({ id }) => id);
const checks = pipeline.checks.map(({ id }) => id);
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
const path = '/api/v2/dags/shop/dagRuns/r1';

interface Parent {
  readonly state?: string;
  readonly conf?: unknown;
  readonly nodes?: readonly unknown[];
  readonly record?: unknown;
}

function idsFor({ state = 'failed', conf = {}, nodes = [], record }: Parent): Promise<string[]> {
  const http = new ScriptedHttp({
    [`GET ${path}`]: answer({ ...recordedJson('run-failed'), dag_id: 'shop', dag_run_id: 'r1', state, conf }),
    [`GET ${path}/taskInstances/build`]: answer({
      task_id: 'build',
      state: state === 'running' ? 'running' : 'failed',
      try_number: 1,
      start_date: '2026-01-01T00:00:00Z',
    }),
    [`GET ${path}/taskInstances/build/logs/1`]: answer({
      content: [{ event: `floe:nodes ${JSON.stringify(nodes)}` }],
      continuation_token: null,
    }),
    'GET /api/v2/eventLogs': answer({ event_logs: [] }),
    ...(record !== undefined && {
      [`GET ${path}/taskInstances/build/xcomEntries/floe_record`]: answer({ value: record }),
    }),
  });
  const clock = new FakeClock();
  const client = scriptedClient(http, clock);
  const backend = new AirflowRunBackend({ client, dagId: 'shop', clock });
  return idsToRetry({ client, backend, pipeline, dagId: 'shop', run: { runId: 'r1', url: null } }, call);
}

function node(id: string, status: string): unknown {
  return { id, status };
}

describe('idsToRetry', () => {
  it('is what was planned and not done, by the record', async () => {
    const attempts = [
      { n: 1, delay: 0, nodes: [node(first, 'succeeded'), node(second, 'failed'), node(third, 'skipped')] },
      { n: 2, delay: 1, nodes: [node(second, 'warned')] },
    ];
    const record = { protocol: 1, key: 'k', planned: 3, attempts, outcome: 'failed' };
    expect(await idsFor({ conf: { floe: { protocol: 1, key: 'k', checks: false } }, record })).toEqual([third]);
  });

  it('is known without a record, from what the log told', async () => {
    expect(await idsFor({ nodes: [node(first, 'succeeded'), node(second, 'running')] })).toEqual([
      second,
      third,
      ...checks,
    ]);
  });

  it('leaves out what the run was not to do', async () => {
    const conf = { floe: { protocol: 1, key: 'k', ids: [first, second] } };
    expect(await idsFor({ conf, nodes: [node(first, 'succeeded')] })).toEqual([second]);
  });

  it('is refused for a run that is under way, did all, or is not there', async () => {
    await expect(idsFor({ state: 'running' })).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
    const all = [...pipeline.assets, ...pipeline.checks].map(({ id }) => node(id, 'succeeded'));
    await expect(idsFor({ nodes: all })).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
  });
});
