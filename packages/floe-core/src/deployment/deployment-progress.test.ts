import { describe, expect, it } from '@jest/globals';
import { failure, success } from '../outcome/outcome.js';
import { FakeClock } from '../testing/fake-clock.js';
import { DeploymentProgress } from './deployment-progress.js';

const first = { action: 'create', object: 'bundle' } as const;
const second = { action: 'reload', object: 'location' } as const;
const fault = { code: 'PLATFORM_UNHEALTHY', message: 'no', resolution: 'Look.', retryable: false } as const;

function begin(clock = new FakeClock()): DeploymentProgress {
  const options = { signal: new AbortController().signal, timeoutMs: 10_000, dryRun: false };
  return new DeploymentProgress(options, clock, 5, { product: 'shop' });
}

describe('the progress of a deployment', () => {
  it('says in its error what is made and what is not', () => {
    const progress = begin();
    progress.done(success(undefined), first, [first, second]);
    expect(progress.applied).toEqual([first]);
    expect(() => {
      progress.done(failure(fault), second, [first, second]);
    }).toThrow(
      expect.objectContaining({
        code: 'PLATFORM_UNHEALTHY',
        context: { product: 'shop', applied: [first], pending: [second] },
      }),
    );
  });

  it('says nothing of changes before the first', () => {
    expect(begin().failed(fault, [first]).context).toEqual({ product: 'shop' });
  });

  it('gives each call what is left of the time, or less', async () => {
    const clock = new FakeClock();
    const progress = begin(clock);
    expect(progress.call().timeoutMs).toBe(5_000);
    expect(progress.call(60_000).timeoutMs).toBe(10_000);
    expect(progress.rest().timeoutMs).toBe(10_000);
    expect(progress.call(500).timeoutMs).toBe(500);
    await clock.sleep(9_000);
    expect(progress.call().timeoutMs).toBe(1_000);
    await clock.sleep(9_000);
    expect(progress.call().timeoutMs).toBe(1);
  });
});
