import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.js';

describe('readOptions', () => {
  it('has the sizes of the documentation by default', () => {
    expect(readOptions([])).toEqual({
      orchestrator: 'dagster',
      sizes: [50, 200],
      rounds: 5,
      load: [200, 1_000, 3_000, 10_000],
      compile: 10_000,
      quick: false,
    });
  });

  it('is small and single when it has to be quick', () => {
    const { sizes, rounds, load } = readOptions(['--quick']);
    expect(Math.max(...sizes, ...load)).toBeLessThan(50);
    expect(rounds).toBe(1);
  });

  it('takes lists, and none', () => {
    expect(readOptions(['--quick', '--sizes', '5, 7', '--load', 'none', '--compile', 'none'])).toMatchObject({
      sizes: [5, 7],
      load: [],
      compile: 0,
    });
  });

  it.each([
    [['--sizes', 'many'], /--sizes/u],
    [['--rounds', '0'], /--rounds/u],
    [['--load', '10,-2'], /--load/u],
    [['--nothing'], /--nothing/u],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
