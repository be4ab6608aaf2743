import { describe, it } from '@jest/globals';
import { expectNeverTwoRuns, expectPromisesKept } from '../../tests/execution/keeps-promises.js';

describe('driveRun under many random faults', () => {
  it('keeps every promise in 12,000 schedules', async () => {
    await expectPromisesKept({ schedules: 12_000, seed: 7 });
  }, 900_000);

  it('never makes two runs of a key in 3,000 schedules of lost answers', async () => {
    await expectNeverTwoRuns({ schedules: 3_000, seed: 8 });
  }, 900_000);
});
