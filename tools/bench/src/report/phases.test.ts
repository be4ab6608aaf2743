import { describe, expect, it } from '@jest/globals';
import { earliest, latest, phasesBetween, secondsBetween } from './phases.js';

const times = ['2026-01-01T00:00:05Z', null, '2026-01-01T00:00:02.500Z', 'never'];

describe('phases', () => {
  it('adds the time of an unknown moment to the next phase', () => {
    expect(
      phasesBetween(1_000, [
        ['a', 2_000],
        ['b', undefined],
        ['c', 5_000],
      ]),
    ).toEqual({ a: 1, c: 3 });
  });

  it('tells the time between two moments that are known', () => {
    expect(secondsBetween('2026-01-01T00:00:00Z', '2026-01-01T00:00:01.5Z')).toBe(1.5);
    expect(secondsBetween('2026-01-01T00:00:00Z', null)).toBeUndefined();
  });

  it('finds the first and the last of the times that are there', () => {
    expect(earliest(times)).toBe(Date.parse('2026-01-01T00:00:02.500Z'));
    expect(latest(times)).toBe(Date.parse('2026-01-01T00:00:05Z'));
    expect([earliest([]), latest([null])]).toEqual([undefined, undefined]);
  });
});
