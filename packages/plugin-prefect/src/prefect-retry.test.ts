import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '@floe/core/testing/chain-pipeline';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { z } from 'zod';
import { answer, call, recordedBody, scriptedPrefect } from '../tests/support/prefect-recordings.js';
import { runNames } from './prefect-launch.js';
import { idsToRetry, plannedIds } from './prefect-retry.js';
import { PrefectRunBackend } from './prefect-run-backend.js';

const pipeline = createChainPipeline();
const [first, second, third] = pipeline.assets.map(({ id }) => id);
const checks = pipeline.checks.map(({ id }) => id);
const fields = z.record(z.string(), z.unknown());

function retry(type: string, parameters: unknown, done: readonly string[]): Promise<string[]> {
  const state = { type, name: type, timestamp: '2026-01-01T00:00:00Z', message: null };
  const end = '2025-12-31T23:00:00Z';
  const flowRun = {
    ...recordedBody('run-read', fields),
    state_type: type,
    parameters,
    state: { ...state, timestamp: end },
  };
  const { client, clock } = scriptedPrefect(
    {
      'GET /flow_runs/*': answer(flowRun),
      'POST /task_runs/filter': ({ json }) =>
        answer(
          JSON.stringify(json).includes('RUNNING')
            ? []
            : done.map((id) => ({ id, name: id, task_key: id, state_name: 'Completed', end_time: end })),
        ),
      'POST /artifacts/filter': answer([]),
      'POST /logs/filter': answer([]),
    },
    new FakeClock(),
  );
  const backend = new PrefectRunBackend({
    client,
    names: runNames(pipeline),
    workPool: 'floe',
    heartbeatTolerance: 90,
    clock,
  });
  return idsToRetry({ client, backend, pipeline, run: { runId: 'r', url: null } }, call);
}

describe('idsToRetry', () => {
  it('is what was planned and did not succeed, also without a record', async () => {
    const done = [first ?? '', checks[0] ?? ''];
    expect(await retry('CRASHED', { floe: null }, done)).toEqual([second, third, ...checks.slice(1)]);
  });

  it('refuses a run that has nothing left, or has not ended', async () => {
    const everything = pipeline.assets.map(({ id }) => id);
    await expect(retry('COMPLETED', { floe: { checks: false } }, everything)).rejects.toMatchObject({
      code: 'RUN_NOT_RETRYABLE',
      message: expect.stringContaining('nothing left'),
    });
    await expect(retry('RUNNING', {}, [])).rejects.toMatchObject({
      code: 'RUN_NOT_RETRYABLE',
      message: expect.stringContaining('has not ended'),
    });
  });
});

describe('plannedIds', () => {
  const whole = [...pipeline.assets.map(({ id }) => id), ...checks];
  const job = { name: 'part', select: 'x', exclude: null, assets: [second ?? ''], checks: [checks[1] ?? ''] };
  const withJob = { ...pipeline, jobs: [...pipeline.jobs, job] };

  it.each<[string, Readonly<Record<string, unknown>>, readonly (string | undefined)[]]>([
    ['nothing', {}, whole],
    ['a request for everything', { floe: { ids: null, checks: true } }, whole],
    ['chosen nodes', { floe: { ids: [third, 'model.gone'] } }, [third]],
    ['no checks', { floe: { ids: null, checks: false } }, pipeline.assets.map(({ id }) => id)],
    ['a job', { floe: null, job: 'part' }, [second, checks[1]]],
    ['the job of the whole product', { job: 'shop' }, whole],
  ])('of %s', (_, parameters, ids) => {
    expect(plannedIds(parameters, withJob)).toEqual(ids);
  });
});
