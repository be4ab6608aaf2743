import { describe, it } from '@jest/globals';
import { expectNeverTwoRuns, expectPromisesKept } from '../../tests/execution/keeps-promises.js';

describe('driveRun under random faults', () => {
  it('ends within its deadlines with the true outcome, and a key is at work once', async () => {
    await expectPromisesKept({ schedules: 500, seed: 20_260_101 });
  }, 120_000);

  it('never makes two runs of a key when answers are lost', async () => {
    await expectNeverTwoRuns({ schedules: 200, seed: 20_260_102 });
  }, 120_000);
});
