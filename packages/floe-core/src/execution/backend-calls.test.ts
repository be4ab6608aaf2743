import { describe, expect, it } from '@jest/globals';
import { InputError, PluginExecutionError } from '../errors/floe-error.js';
import { success } from '../outcome/outcome.js';
import { FakeClock } from '../testing/fake-clock.js';
import { BackendCalls } from './backend-calls.js';
import { ElapsedTime } from './elapsed-time.js';

const texts = { message: 'what happened', resolution: 'what to do' };

function create(): { calls: BackendCalls; clock: FakeClock; time: ElapsedTime } {
  const clock = new FakeClock();
  const time = new ElapsedTime(clock);
  return { calls: new BackendCalls(clock, time), clock, time };
}

describe('BackendCalls', () => {
  it('gives the value, with the limit passed on', async () => {
    const { calls, clock } = create();
    const result = await calls.ask({ timeoutMs: 500 }, async ({ timeoutMs }) => {
      await clock.sleep(10);
      return success(timeoutMs);
    });
    expect(result).toEqual({ kind: 'value', value: 500 });
    expect(clock.sleeping).toBe(0);
  });

  it('leaves a call behind that outlives its deadline, and aborts it', async () => {
    const { calls, clock, time } = create();
    let aborted = false;
    const result = await calls.tell({ timeoutMs: 1_000 }, ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<never>(() => undefined);
    });
    expect(result).toMatchObject({ kind: 'fault', fault: { code: 'CONNECTION_TIMEOUT', retryable: true } });
    expect(aborted).toBe(true);
    expect(time.now()).toBe(3_000);
    expect(clock.sleeping).toBe(0);
  });

  it('ends at once when the caller aborts', async () => {
    const { calls, clock, time } = create();
    const controller = new AbortController();
    void clock.sleep(200).then(() => {
      controller.abort();
    });
    const limits = { timeoutMs: 10_000, signal: controller.signal };
    expect(await calls.tell(limits, () => new Promise<never>(() => undefined))).toEqual({ kind: 'aborted' });
    expect(time.now()).toBe(200);
    expect(await calls.tell(limits, () => Promise.resolve(1))).toEqual({ kind: 'aborted' });
  });

  it('lets a call go on for its grace after the abort', async () => {
    const { calls, clock } = create();
    const limits = { timeoutMs: 60_000, signal: AbortSignal.abort(), abortGraceMs: 5_000 };
    const slow = calls.tell(limits, async () => {
      await clock.sleep(4_000);
      return 'answer';
    });
    expect(await slow).toEqual({ kind: 'value', value: 'answer' });
    expect(await calls.tell(limits, () => new Promise<never>(() => undefined))).toEqual({ kind: 'aborted' });
  });

  it.each([
    [
      'an error of a platform',
      new PluginExecutionError({ code: 'PLATFORM_UNHEALTHY', ...texts }),
      'PLATFORM_UNHEALTHY',
      true,
    ],
    ['an error of the input', new InputError({ code: 'SECRET_NOT_FOUND', ...texts }), 'SECRET_NOT_FOUND', false],
    ['a defect', new TypeError('undefined is not a function'), 'INTERNAL', true],
  ])('takes %s that is thrown for a fault', async (_name, thrown, code, retryable) => {
    const { calls } = create();
    const throwing = (): never => {
      throw thrown;
    };
    const fault = { code, retryable, message: expect.stringContaining(thrown.message) };
    expect(await calls.tell({ timeoutMs: 100 }, throwing)).toMatchObject({ kind: 'fault', fault });
  });
});
