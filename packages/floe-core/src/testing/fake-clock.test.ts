import { describe, expect, it } from '@jest/globals';
import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('lets hours pass at once, in the order of the wakings', async () => {
    const clock = new FakeClock({ start: 0 });
    const woken: [string, number][] = [];
    const sleeper = async (name: string, milliseconds: number): Promise<void> => {
      await clock.sleep(milliseconds);
      woken.push([name, clock.now()]);
    };
    await Promise.all([sleeper('late', 7_200_000), sleeper('first', 10), sleeper('second', 10), sleeper('soon', 20)]);
    expect(woken).toEqual([
      ['first', 10],
      ['second', 10],
      ['soon', 20],
      ['late', 7_200_000],
    ]);
  });

  it('moves by advance alone when it is manual', async () => {
    const clock = new FakeClock({ mode: 'manual' });
    let woken = 0;
    const sleeping = (async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await clock.sleep(1_000);
        woken += 1;
      }
    })();
    await clock.advance(999);
    expect(woken).toBe(0);
    await clock.advance(1_500);
    expect(woken).toBe(2);
    expect(clock.elapsed()).toBe(2_499);
    await clock.advance(501);
    await sleeping;
    expect(clock.sleeping).toBe(0);
  });

  it('rejects with the reason of the signal and forgets the sleeper', async () => {
    const clock = new FakeClock({ mode: 'manual' });
    const controller = new AbortController();
    const reason = new Error('enough');
    const sleeping = clock.sleep(1_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(1_000, controller.signal)).rejects.toBe(reason);
    expect(clock.sleeping).toBe(0);
  });

  it('jumps without letting time pass', async () => {
    const clock = new FakeClock({ start: 1_000 });
    clock.jump(-400);
    expect(clock.now()).toBe(600);
    expect(clock.elapsed()).toBe(0);
    await clock.sleep(100);
    expect(clock.now()).toBe(700);
  });
});
