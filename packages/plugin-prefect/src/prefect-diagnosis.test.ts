import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { recordedBody } from '../tests/support/prefect-recordings.js';
import {
  deploymentSchema,
  flowRunSchema,
  workersAnswer,
  workPoolSchema,
  type FlowRun,
  type WorkQueue,
} from './prefect-answers.js';
import { diagnose, isAlive, type DiagnosisFacts } from './prefect-diagnosis.js';

const workers = recordedBody('workers-filter', workersAnswer);
const beat = z.string().parse(workers[0]?.last_heartbeat_time);
const now = Date.parse(beat) + 10_000;
const deadWorkers = recordedBody('worker-offline', workersAnswer).map((worker) => ({
  ...worker,
  last_heartbeat_time: new Date(now - 300_000).toISOString(),
}));
const pool = recordedBody('pool-read-after-worker', workPoolSchema);
const deployment = recordedBody('deployment-read', deploymentSchema);
const waiting = recordedBody('run-awaiting-slot', flowRunSchema);
const run: FlowRun = {
  ...waiting,
  state_name: 'Scheduled',
  expected_start_time: beat,
  next_scheduled_start_time: null,
};
const queue: WorkQueue = {
  name: 'default',
  is_paused: false,
  concurrency_limit: null,
  status: 'READY',
  last_polled: beat,
};
const healthy: DiagnosisFacts = {
  phase: 'queued',
  now,
  tolerance: 90,
  workPool: 'floe',
  deployment,
  run,
  pool,
  queue,
  workers,
  ownRuns: [],
};
const other: FlowRun = { ...waiting, id: 'other-run', state_type: 'RUNNING', state_name: 'Running' };
const cause = { cause: 'entrypoint_broken', message: 'no flow', resolution: 'deploy again' };
const fault = { code: 'CONNECTION_UNREACHABLE', message: 'refused', resolution: 'start it', retryable: true } as const;
const limit = deployment.global_concurrency_limit;

describe('diagnose', () => {
  it.each<[string, Partial<DiagnosisFacts>, string]>([
    ['prefect_unreachable', { fault }, 'refused'],
    ['deployment_missing', { phase: 'submitting', deployment: null }, 'deployment'],
    ['pool_missing', { phase: 'submitting', pool: null }, '"floe"'],
    ['not_submitted', { phase: 'submitting' }, 'could not be submitted'],
    ['deployment_missing', { deployment: null }, 'deployment'],
    ['no_work_pool', { run: { ...run, work_pool_name: null } }, 'no work pool'],
    ['waiting_for_own_slot', { run: waiting, ownRuns: [other] }, 'other-run'],
    ['slot_stuck', { run: waiting }, 'only slot is taken'],
    [
      'limit_zero',
      { run: waiting, deployment: { ...deployment, global_concurrency_limit: limit && { ...limit, limit: 0 } } },
      'limit of the deployment is 0',
    ],
    ['pool_missing', { pool: null }, 'no work pool "floe"'],
    ['pool_paused', { pool: { ...pool, is_paused: true } }, 'paused'],
    ['queue_missing', { queue: null }, 'does not exist'],
    ['queue_paused', { queue: { ...queue, is_paused: true } }, 'paused'],
    ['wrong_queue', { queue: { ...queue, name: 'slow', last_polled: null } }, 'none of them looks'],
    ['no_worker', { workers: [] }, 'never had a worker'],
    ['worker_dead', { workers: deadWorkers }, 'sent its last heartbeat'],
    ['pool_full', { pool: { ...pool, concurrency_limit: 4, active_slots: 4 } }, 'runs 4 runs already'],
    ['queue_closed', { queue: { ...queue, concurrency_limit: 0 } }, 'concurrency limit of 0'],
    ['scheduled_later', { run: { ...run, expected_start_time: '2027-01-01T00:00:00Z' } }, '2027-01-01'],
    ['not_picked_up', {}, 'none has taken the run'],
    ['worker_dead', { phase: 'starting', workers: deadWorkers }, 'w-k1'],
    ['process_not_started', { phase: 'starting', lastLine: 'Worker submitting flow run' }, 'Worker submitting'],
    ['worker_lost', { phase: 'running', workers: deadWorkers }, 'worker of the run is gone'],
    ['still_running', { phase: 'running' }, 'still at work'],
    ['cancel_stuck', { phase: 'cancelling', workers: deadWorkers }, 'Nobody ends the run'],
    ['not_stopping', { phase: 'cancelling' }, 'does not end'],
    ['entrypoint_broken', { phase: 'finishing', cause }, 'no flow'],
    ['entrypoint_broken', { phase: 'starting', cause }, 'no flow'],
    ['no_record', { phase: 'finishing' }, 'without a record'],
  ])('finds %s', (word, facts, words) => {
    const found = diagnose({ ...healthy, ...facts });
    expect(found.cause).toBe(word);
    expect(found.message).toContain(words);
    expect(found.resolution.length).toBeGreaterThan(5);
  });

  it('blames nothing that it could not find out', () => {
    const { phase, tolerance, workPool } = healthy;
    expect(diagnose({ phase, tolerance, workPool, now })).toMatchObject({ cause: 'not_picked_up' });
  });
});

it('isAlive judges by the heartbeat, not by what Prefect calls it', () => {
  const [worker] = workers;
  if (worker === undefined) throw new TypeError('There must be one.');
  expect(worker.status).toBe('ONLINE');
  expect(isAlive(worker, now, 90)).toBe(true);
  expect(isAlive(worker, now + 120_000, 90)).toBe(false);
  expect(isAlive({ ...worker, heartbeat_interval_seconds: 120 }, now + 120_000, 90)).toBe(true);
  expect(isAlive({ ...worker, last_heartbeat_time: null }, now, 90)).toBe(false);
});
