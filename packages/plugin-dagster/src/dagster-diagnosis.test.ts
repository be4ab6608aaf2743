import { describe, expect, it } from '@jest/globals';
import { recordedData } from '../tests/support/dagster-recordings.js';
import { instanceHealthAnswer, runStateSchema, type InstanceHealth, type RunFields } from './dagster-answers.js';
import { diagnose, silentDaemons, type DiagnosisFacts } from './dagster-diagnosis.js';

function health(name: string): InstanceHealth {
  const { instance } = recordedData(name);
  return instanceHealthAnswer.parse({
    version: '1.13.27',
    instance: { ...(instance as object), runLauncher: null, supportsConcurrencyLimits: true },
  });
}

const up = health('daemonHealth-up');
const now =
  Math.max(...up.instance.daemonHealth.allDaemonStatuses.map((daemon) => daemon.lastHeartbeatTime ?? 0)) * 1_000;
const run: RunFields = runStateSchema.parse(recordedData('run-stuck-by-tag-limit').runOrError);
const facts: DiagnosisFacts = {
  phase: 'queued',
  location: 'shop',
  now,
  health: up,
  locationState: { kind: 'loaded' },
  run,
};
const error = {
  className: 'DagsterImportError',
  message: 'x',
  errorChain: [
    {
      isExplicitLink: true,
      error: { className: 'ModuleNotFoundError', message: "ModuleNotFoundError: No module named 'y'" },
    },
  ],
};

describe('diagnose', () => {
  it('finds a daemon that never ran, and one that was killed although Dagster calls it healthy', () => {
    expect(diagnose({ ...facts, health: health('daemonHealth-never-started') })).toMatchObject({
      cause: 'daemon_down',
      message: expect.stringContaining('never'),
      resolution: expect.stringContaining('dagster-daemon run'),
    });
    const killed = health('daemonHealth-killed');
    expect(killed.instance.daemonHealth.allDaemonStatuses).not.toHaveLength(0);
    expect(diagnose({ ...facts, health: killed, now: now + 3_600_000 })).toMatchObject({ cause: 'daemon_down' });
  });

  it('finds a code location that does not load, with its deepest cause', () => {
    expect(diagnose({ ...facts, locationState: { kind: 'broken', error } })).toMatchObject({
      cause: 'location_broken',
      message: expect.stringContaining("ModuleNotFoundError: No module named 'y'"),
    });
    expect(diagnose({ ...facts, phase: 'submitting', locationState: { kind: 'missing' } })).toMatchObject({
      cause: 'location_missing',
    });
  });

  it('finds what holds the queue', () => {
    const other = { ...run, runId: 'other', status: 'STARTED' };
    const plain = { ...run, tags: [] };
    expect(diagnose({ ...facts, run: plain, ownRuns: [other] })).toMatchObject({ cause: 'waiting_for_own_slot' });
    expect(diagnose({ ...facts, run: plain, slotHolders: [{ runId: 'dead', unfinished: false }] })).toMatchObject({
      cause: 'slot_stuck',
    });
    const full = Array.from({ length: up.instance.runQueueConfig?.maxConcurrentRuns ?? 0 }, () => other);
    expect(diagnose({ ...facts, run: plain, inProgress: full })).toMatchObject({ cause: 'queue_full' });
    expect(diagnose(facts)).toMatchObject({ cause: 'tag_limit', message: expect.stringContaining('q=stuck') });
    expect(diagnose({ ...facts, run: plain })).toMatchObject({ cause: 'not_dequeued' });
  });

  it('says why a start or an end is missing', () => {
    expect(diagnose({ ...facts, phase: 'starting', lastEngineMessage: 'Creating job' })).toMatchObject({
      cause: 'worker_not_started',
      message: expect.stringContaining('Creating job'),
    });
    const cause = { cause: 'worker_lost', message: 'gone', resolution: 'look' };
    expect(diagnose({ ...facts, phase: 'finishing', cause })).toBe(cause);
    expect(diagnose({ ...facts, phase: 'finishing' })).toMatchObject({ cause: 'no_record' });
    expect(diagnose({ ...facts, phase: 'running' })).toMatchObject({ cause: 'still_running' });
    expect(diagnose({ ...facts, phase: 'cancelling' })).toMatchObject({ cause: 'not_stopping' });
  });

  it('says that Dagster cannot be asked', () => {
    const fault = {
      code: 'CONNECTION_UNREACHABLE',
      message: 'refused',
      resolution: 'start it',
      retryable: true,
    } as const;
    expect(diagnose({ ...facts, fault })).toEqual({
      cause: 'dagster_unreachable',
      message: 'refused',
      resolution: 'start it',
    });
  });
});

it('silentDaemons judges by the age of the heartbeat', () => {
  expect(silentDaemons(up, now, 120)).toEqual([]);
  expect(silentDaemons(up, now + 600_000, 120)).toHaveLength(8);
});
