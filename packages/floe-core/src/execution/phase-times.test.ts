import { describe, expect, it } from '@jest/globals';
import { shortLimits } from '../../tests/execution/play-scenario.js';
import { PhaseTimes } from './phase-times.js';

const { queueTimeout, startTimeout, timeout, driverMargin, cancelGrace } = shortLimits;
const seconds = (count: number): number => count * 1_000;

describe('PhaseTimes', () => {
  it('counts the queue from the submission', () => {
    const times = new PhaseTimes(shortLimits, 0);
    times.note({ phase: 'queued' }, seconds(queueTimeout) - 1);
    expect(times.passed()).toBeUndefined();
    expect(times.left()).toBe(1);
    times.note({ phase: 'queued' }, seconds(queueTimeout));
    expect(times.passed()).toMatchObject({ code: 'QUEUE_TIMEOUT', phase: 'queued', seconds: queueTimeout });
  });

  it('does not count the own slot as stuck, but ends it with the overall limit', () => {
    const times = new PhaseTimes(shortLimits, 0);
    times.note({ phase: 'queued', waitingForOwnSlot: true }, 0);
    times.note({ phase: 'queued', waitingForOwnSlot: true }, seconds(timeout + driverMargin) - 1);
    expect(times.passed()).toBeUndefined();
    expect(times.idle()).toBe(0);
    times.note({ phase: 'queued', waitingForOwnSlot: true }, seconds(timeout + driverMargin));
    expect(times.passed()).toMatchObject({ code: 'RUN_TIMED_OUT', phase: 'queued' });
  });

  it('counts the start by itself', () => {
    const times = new PhaseTimes(shortLimits, 0);
    times.note({ phase: 'starting' }, seconds(50));
    times.note({ phase: 'starting' }, seconds(50 + startTimeout) - 1);
    expect(times.passed()).toBeUndefined();
    times.note({ phase: 'starting' }, seconds(50 + startTimeout));
    expect(times.passed()).toMatchObject({ code: 'START_TIMEOUT' });
  });

  it('counts the work from the first sight of it, whatever is said later', () => {
    const times = new PhaseTimes(shortLimits, 0);
    times.note({ phase: 'running' }, seconds(10));
    times.note({ phase: 'queued' }, seconds(10 + timeout));
    times.note({ phase: 'queued' }, seconds(10 + timeout + driverMargin) - 1);
    expect(times.passed()).toBeUndefined();
    times.note({ phase: 'starting' }, seconds(10 + timeout + driverMargin));
    expect(times.passed()).toMatchObject({ code: 'RUN_TIMED_OUT', phase: 'running', seconds: timeout });
  });

  it('adds up visits of a phase', () => {
    const times = new PhaseTimes(shortLimits, 0);
    times.note({ phase: 'starting' }, seconds(queueTimeout / 2));
    times.note({ phase: 'queued' }, seconds(queueTimeout / 2 + 1));
    times.note({ phase: 'queued' }, seconds(queueTimeout + 1));
    expect(times.passed()).toMatchObject({ code: 'QUEUE_TIMEOUT' });
  });

  it('ends a cancel by somebody else that does not come to an end', () => {
    const times = new PhaseTimes(shortLimits, 0);
    times.note({ phase: 'cancelling' }, seconds(5));
    times.note({ phase: 'cancelling' }, seconds(5 + cancelGrace));
    expect(times.passed()).toEqual({ kind: 'elsewhere' });
  });
});
