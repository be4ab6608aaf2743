import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.js';
import { ElapsedTime } from './elapsed-time.js';

describe('ElapsedTime', () => {
  it('counts what was slept and what a task took', async () => {
    const clock = new FakeClock();
    const time = new ElapsedTime(clock);
    await time.sleep(1_000);
    await time.during(10_000, () => clock.sleep(2_500));
    expect(time.now()).toBe(3_500);
  });

  it('counts a sleep in full when the clock is set back, and hardly more when it is set forward', async () => {
    const clock = new FakeClock();
    const time = new ElapsedTime(clock);
    const sleepWhile = async (jump: number): Promise<number> => {
      const before = time.now();
      const sleeping = time.sleep(1_000);
      clock.jump(jump);
      await sleeping;
      return time.now() - before;
    };
    expect(await sleepWhile(-3_600_000)).toBe(1_000);
    expect(await sleepWhile(3_600_000)).toBe(6_000);
  });

  it('ends a sleep quietly at the signal, and counts what was slept', async () => {
    const clock = new FakeClock();
    const time = new ElapsedTime(clock);
    const controller = new AbortController();
    void clock.sleep(300).then(() => {
      controller.abort();
    });
    await time.sleep(1_000, controller.signal);
    expect(time.now()).toBe(300);
  });

  it('passes on what a task throws', async () => {
    const time = new ElapsedTime(new FakeClock());
    await expect(time.during(1_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
