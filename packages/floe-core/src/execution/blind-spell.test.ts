import { describe, expect, it } from '@jest/globals';
import { BlindSpell } from './blind-spell.js';
import type { BackendFault } from './run-backend.js';

const fault = (code: BackendFault['code'], retryable: boolean): BackendFault => ({
  code,
  message: '',
  resolution: '',
  retryable,
});
const transient = fault('PLATFORM_UNHEALTHY', true);
const refusal = fault('CONNECTION_UNAUTHORIZED', false);
const unknownRun = fault('RUN_NOT_FOUND', false);

describe('BlindSpell', () => {
  it('tolerates transient faults for as long as told, counted from the last good look', () => {
    const spell = new BlindSpell(120_000, 0);
    expect([10_000, 60_000, 119_999].map((now) => spell.take(transient, now))).toEqual(['wait', 'wait', 'wait']);
    expect(spell.left(119_000)).toBe(1_000);
    spell.end(119_999);
    expect(spell.take(transient, 200_000)).toBe('wait');
    expect(spell.take(transient, 230_000)).toBe('wait');
    expect(spell.take(transient, 240_000)).toBe('unobservable');
  });

  it('does not believe a jump of the clock: one fault never decides', () => {
    const spell = new BlindSpell(1_000, 0);
    expect(spell.take(transient, 999_999)).toBe('wait');
    expect(spell.take(refusal, 999_999)).toBe('wait');
  });

  it('believes a refusal when it comes three times in a row', () => {
    const spell = new BlindSpell(120_000, 0);
    expect([refusal, refusal, transient, refusal, refusal, refusal].map((each) => spell.take(each, 1))).toEqual([
      'wait',
      'wait',
      'wait',
      'wait',
      'wait',
      'unobservable',
    ]);
  });

  it('gives a new run time to become visible, and takes one that was seen for deleted', () => {
    const fresh = new BlindSpell(120_000, 0);
    expect([1_000, 2_000, 29_999, 30_000].map((now) => fresh.take(unknownRun, now))).toEqual([
      'wait',
      'wait',
      'wait',
      'vanished',
    ]);
    const seen = new BlindSpell(120_000, 0);
    seen.end(1_000);
    expect([2_000, 3_000, 4_000].map((now) => seen.take({ ...unknownRun, retryable: true }, now))).toEqual([
      'wait',
      'wait',
      'vanished',
    ]);
  });
});
