import { describe, expect, it } from '@jest/globals';
import { recordedBody } from '../tests/support/prefect-recordings.js';
import { flowRunSchema } from './prefect-answers.js';
import { awaitsSlot, endingOf, nodeStatusOf, phaseOf, startOf, wasTurnedAway } from './prefect-run-state.js';

function state(type: string | null, name = 'x'): { state_type: string | null; state_name: string } {
  return { state_type: type, state_name: name };
}

describe('phaseOf', () => {
  it.each([
    ['SCHEDULED', 'queued'],
    ['PENDING', 'starting'],
    ['RUNNING', 'running'],
    ['PAUSED', 'running'],
    ['CANCELLING', 'cancelling'],
    ['COMPLETED', 'ended'],
    ['FAILED', 'ended'],
    ['CRASHED', 'ended'],
    ['CANCELLED', 'ended'],
    ['SOMETHING_NEW', 'running'],
    [null, 'queued'],
  ])('of %s is %s', (type, phase) => {
    expect(phaseOf(state(type))).toBe(phase);
  });
});

describe('endingOf', () => {
  it.each([
    ['COMPLETED', 'Completed', 'succeeded'],
    ['FAILED', 'Failed', 'failed'],
    ['FAILED', 'TimedOut', 'timed_out'],
    ['CANCELLED', 'Cancelled', 'cancelled'],
    ['CRASHED', 'Crashed', 'lost'],
  ])('of %s (%s) is %s', (type, name, ending) => {
    expect(endingOf(state(type, name))).toBe(ending);
  });
});

it('awaitsSlot knows the state of the limit of a deployment', () => {
  expect(awaitsSlot(recordedBody('run-awaiting-slot', flowRunSchema))).toBe(true);
  expect(awaitsSlot(state('SCHEDULED', 'Late'))).toBe(false);
});

it('wasTurnedAway knows a run that Prefect cancelled for its slot from one that a person cancelled', () => {
  const message = 'Deployment concurrency limit reached.';
  const cancelled = { state_type: 'CANCELLED', run_count: 0, state: { type: 'CANCELLED', name: 'C', timestamp: null } };
  expect(wasTurnedAway({ ...cancelled, state: { ...cancelled.state, message } })).toBe(true);
  expect(wasTurnedAway({ ...cancelled, state: { ...cancelled.state, message: null } })).toBe(false);
  expect(wasTurnedAway({ ...cancelled, run_count: 1, state: { ...cancelled.state, message } })).toBe(false);
});

it('startOf gives no start to a run that never had a process', () => {
  expect(startOf(recordedBody('bad-entrypoint', flowRunSchema))).toBeUndefined();
  expect(startOf(recordedBody('run-read', flowRunSchema))).toBe('2026-11-25T07:18:15.338215Z');
});

it('nodeStatusOf knows the names of the loader, and no others', () => {
  expect(['Running', 'Completed', 'Warned', 'Failed', 'Skipped', 'Cancelled', 'Unknown'].map(nodeStatusOf)).toEqual([
    'running',
    'succeeded',
    'warned',
    'failed',
    'skipped',
    'cancelled',
    'unknown',
  ]);
  expect(nodeStatusOf('Pending')).toBeUndefined();
  expect(nodeStatusOf(null)).toBeUndefined();
});
