import { describe, expect, it } from '@jest/globals';
import { endingOf, isoTime, phaseOf, restartOf } from './dagster-run-state.js';

const seen = { timedOut: false, lost: false };

describe('phaseOf', () => {
  it.each([
    ['QUEUED', 'queued'],
    ['NOT_STARTED', 'queued'],
    ['SUSPENDED', 'queued'],
    ['STARTING', 'starting'],
    ['STARTED', 'running'],
    ['CANCELING', 'cancelling'],
    ['SUCCESS', 'ended'],
    ['FAILURE', 'ended'],
    ['CANCELED', 'ended'],
    ['HIBERNATING', 'running'],
  ])('%s is %s', (status, phase) => {
    expect(phaseOf(status)).toBe(phase);
  });
});

describe('endingOf', () => {
  it('believes what the log tells about a failure', () => {
    expect(endingOf('SUCCESS', { timedOut: true, lost: true })).toBe('succeeded');
    expect(endingOf('FAILURE', seen)).toBe('failed');
    expect(endingOf('FAILURE', { ...seen, lost: true })).toBe('lost');
    expect(endingOf('FAILURE', { timedOut: true, lost: true })).toBe('timed_out');
    expect(endingOf('CANCELED', seen)).toBe('cancelled');
  });
});

describe('restartOf', () => {
  const run = { status: 'FAILURE', endTime: 1_000, tags: [] as { key: string; value: string }[] };
  const soon = 1_010_000;

  it('follows a restart of Dagster, and waits a while for one that was announced', () => {
    const announced = { ...run, tags: [{ key: 'dagster/will_retry', value: 'true' }] };
    expect(restartOf(announced, soon)).toEqual({ kind: 'announced' });
    expect(restartOf(announced, 2_000_000)).toEqual({ kind: 'none' });
    const started = { ...announced, tags: [...announced.tags, { key: 'dagster/auto_retry_run_id', value: 'next' }] };
    expect(restartOf(started, 2_000_000)).toEqual({ kind: 'started', runId: 'next' });
  });

  it('knows a run that is not restarted', () => {
    expect(restartOf({ ...run, tags: [{ key: 'dagster/will_retry', value: 'false' }] }, soon)).toEqual({
      kind: 'none',
    });
    expect(restartOf({ ...run, status: 'SUCCESS' }, soon)).toEqual({ kind: 'none' });
  });
});

it('isoTime reads the seconds of Dagster', () => {
  expect(isoTime(1_795_591_143.918449)).toBe('2026-11-25T07:19:03.918Z');
});
