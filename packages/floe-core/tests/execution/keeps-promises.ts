import { expect } from '@jest/globals';
import fc from 'fast-check';
import { anySchedule, lostSubmissions } from './arbitrary-scenario.js';
import { judgePlay } from './judge-play.js';
import { play } from './play-scenario.js';

export interface Effort {
  readonly schedules: number;
  /** Fixed, so that a build that is green once stays green; other seeds find other faults. */
  readonly seed: number;
}

/** Drives runs through random fault schedules and checks every promise of the driver against what really happened. */
export async function expectPromisesKept({ schedules, seed }: Effort): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anySchedule, async (schedule) => {
      const { scenario, abortAt } = schedule;
      const played = await play(scenario, { seed: schedule.seed, ...(abortAt !== undefined && { abortAt }) });
      expect(judgePlay(schedule, played)).toEqual([]);
    }),
    { numRuns: schedules, seed },
  );
}

/** An orchestrator that does nothing against two runs of a key must not get two from one driver. */
export async function expectNeverTwoRuns({ schedules, seed }: Effort): Promise<void> {
  await fc.assert(
    fc.asyncProperty(lostSubmissions, async (schedule) => {
      const { backend } = await play(schedule.scenario, { seed: schedule.seed });
      expect(backend.world.runs.filter(({ isRestart }) => !isRestart).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: schedules, seed },
  );
}
