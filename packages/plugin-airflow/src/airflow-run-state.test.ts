import { describe, expect, it } from '@jest/globals';
import { isTaskEnded, phaseOf, runUrl } from './airflow-run-state.js';

describe('phaseOf', () => {
  it.each([
    ['queued', null, 'queued'],
    ['running', null, 'starting'],
    ['running', 'scheduled', 'starting'],
    ['running', 'queued', 'starting'],
    ['running', 'running', 'running'],
    ['running', 'up_for_retry', 'running'],
    ['running', 'success', 'running'],
    ['running', 'a word of a later Airflow', 'running'],
    ['a word of a later Airflow', 'running', 'running'],
    ['success', 'success', 'ended'],
    ['failed', 'failed', 'ended'],
  ])('run %s with build %s: %s', (state, build, phase) => {
    expect(phaseOf({ state }, { state: build })).toBe(phase);
  });

  it('waits for a run without tasks', () => {
    expect(phaseOf({ state: 'running' }, undefined)).toBe('starting');
  });
});

describe('isTaskEnded', () => {
  it.each([
    ['success', true],
    ['removed', true],
    ['upstream_failed', true],
    ['up_for_retry', false],
    ['awaiting_input', false],
    [null, false],
  ])('%s: %s', (state, ended) => {
    expect(isTaskEnded({ state })).toBe(ended);
  });
});

describe('runUrl', () => {
  it('encodes what names may hold', () => {
    expect(runUrl('http://a', 'shop', 'manual__2026-01-01T00:00:00+00:00')).toBe(
      'http://a/dags/shop/runs/manual__2026-01-01T00%3A00%3A00%2B00%3A00',
    );
  });
});
