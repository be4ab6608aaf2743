import { describe, expect, it } from '@jest/globals';
import { PluginExecutionError } from '../errors/floe-error.js';
import { createRedactor } from '../redaction/create-redactor.js';
import { FakeClock } from '../testing/fake-clock.js';
import type { Clock } from '../time/clock.js';
import { probeConnection } from './probe-connection.js';
import { failed, passed, warned, type ProbeStep, type StepResult } from './probe-step.js';
import type { ValidationResult } from './validation-result.js';

const canary = 'Zq9-secret-canary';
const trouble = { code: 'PLATFORM_UNHEALTHY', message: 'the daemon is down', resolution: 'Start the daemon.' } as const;

function step(name: string, result: StepResult | (() => Promise<StepResult>)): ProbeStep {
  return { name, run: typeof result === 'function' ? result : () => Promise.resolve(result) };
}

function probe(
  steps: readonly ProbeStep[],
  options: { budgetMs?: number; timeoutMs?: number; clock?: Clock; signal?: AbortSignal; endpoint?: string } = {},
): Promise<ValidationResult> {
  const redactor = createRedactor();
  redactor.register(canary);
  return probeConnection(
    steps,
    {
      endpoint: options.endpoint ?? 'http://host:3000',
      clock: options.clock ?? new FakeClock(),
      redactor,
      ...(options.budgetMs !== undefined && { budgetMs: options.budgetMs }),
    },
    { signal: options.signal ?? new AbortController().signal, timeoutMs: options.timeoutMs ?? 60_000 },
  );
}

const hangs = (): Promise<StepResult> => new Promise(() => undefined);

describe('probeConnection', () => {
  it('succeeds when every step does, and tells the version', async () => {
    const result = await probe([step('http', passed('answers')), step('version', passed('is 1.13', '1.13'))]);
    expect(result).toEqual({
      success: true,
      message: 'Connected to http://host:3000 (version 1.13).',
      details: {
        endpoint: 'http://host:3000',
        durationMs: 0,
        version: '1.13',
        steps: [
          { name: 'http', outcome: 'passed', message: 'answers', durationMs: 0 },
          { name: 'version', outcome: 'passed', message: 'is 1.13', durationMs: 0 },
        ],
        warnings: [],
      },
    });
  });

  it('succeeds with warnings', async () => {
    const result = await probe([step('health', warned(trouble)), step('permissions', passed('may write'))]);
    expect(result).toMatchObject({
      success: true,
      message: 'Connected to http://host:3000, with warnings. the daemon is down. Start the daemon.',
      details: { warnings: ['the daemon is down. Start the daemon.'] },
    });
  });

  it('skips what comes after a failure', async () => {
    let ran = 0;
    const later = (): Promise<StepResult> => {
      ran += 1;
      return Promise.resolve(passed(''));
    };
    const result = await probe([step('connect', failed(trouble)), step('http', later), step('version', later)]);
    expect(ran).toBe(0);
    expect(result.success).toBe(false);
    expect(result.message).toBe('the daemon is down. Start the daemon.');
    expect(result.details.steps).toMatchObject([
      { outcome: 'failed', code: 'PLATFORM_UNHEALTHY', resolution: 'Start the daemon.' },
      { outcome: 'skipped', message: 'not tried, because connect failed' },
      { outcome: 'skipped' },
    ]);
  });

  it.each([
    [undefined, 60_000, 10_000],
    [99_000, 60_000, 10_000],
    [2_000, 60_000, 2_000],
    [undefined, 500, 500],
  ])('has one budget for all steps (%p, call %p)', async (budgetMs, timeoutMs, limit) => {
    const clock = new FakeClock();
    const slow = async (): Promise<StepResult> => {
      await clock.sleep(limit / 2);
      return passed('slow');
    };
    const result = await probe([step('slow', slow), step('hung', hangs), step('later', passed(''))], {
      clock,
      timeoutMs,
      ...(budgetMs !== undefined && { budgetMs }),
    });
    expect(result.details.durationMs).toBeGreaterThan(limit * 0.98);
    expect(result.details.durationMs).toBeLessThanOrEqual(limit);
    expect(result.details.steps).toMatchObject([
      { outcome: 'passed', durationMs: limit / 2 },
      {
        outcome: 'failed',
        code: 'CONNECTION_TIMEOUT',
        message: expect.stringContaining('hung did not finish') as unknown,
      },
      { outcome: 'skipped' },
    ]);
  });

  it('begins nothing when the call has no time', async () => {
    const result = await probe([step('first', passed('')), step('next', passed(''))], { timeoutMs: 0 });
    expect(result.details.steps).toMatchObject([
      { outcome: 'failed', code: 'CONNECTION_TIMEOUT' },
      { outcome: 'skipped' },
    ]);
  });

  it('keeps its budget when somebody sets the clock back', async () => {
    const clock = new FakeClock();
    const jump = (): Promise<StepResult> => {
      clock.jump(-3_600_000);
      return Promise.resolve(passed('set back'));
    };
    expect((await probe([step('jump', jump), step('hung', hangs)], { clock })).details.steps[1]).toMatchObject({
      code: 'CONNECTION_TIMEOUT',
    });
    expect(clock.elapsed()).toBeLessThanOrEqual(10_000);
  });

  it('tells a step that is cut to stop', async () => {
    let reason: unknown;
    const polite: ProbeStep = {
      name: 'polite',
      run: (call) =>
        new Promise((resolve) => {
          call.signal.addEventListener('abort', () => {
            reason = 'stopped';
            resolve(passed('too late'));
          });
        }),
    };
    expect((await probe([polite])).details.steps[0]).toMatchObject({ outcome: 'failed', code: 'CONNECTION_TIMEOUT' });
    expect(reason).toBe('stopped');
  });

  it('ends when the caller aborts', async () => {
    const controller = new AbortController();
    const clock: Clock = { now: () => 0, sleep: () => new Promise(() => undefined) };
    const probing = probe([step('hung', hangs), step('next', passed(''))], { clock, signal: controller.signal });
    controller.abort();
    expect((await probing).details.steps).toMatchObject([
      { outcome: 'failed', code: 'CANCELLED' },
      { outcome: 'skipped' },
    ]);
    expect((await probe([step('a', passed(''))], { signal: AbortSignal.abort() })).success).toBe(false);
  });

  it('survives steps that throw, and shows nothing of it', async () => {
    const bug = (): Promise<StepResult> => {
      throw new TypeError(`cannot read ${canary}`);
    };
    const result = await probe([step('version', bug)]);
    expect(result.details.steps[0]).toMatchObject({ outcome: 'failed', code: 'INTERNAL' });
    expect(JSON.stringify(result)).not.toMatch(/cannot read|canary/);
    const known = (): Promise<StepResult> => Promise.reject(new PluginExecutionError(trouble));
    expect((await probe([step('health', known)])).details.steps[0]).toMatchObject({ ...trouble, outcome: 'failed' });
  });

  it('survives a step that fails after it was cut', async () => {
    let fail: (error: unknown) => void = () => undefined;
    const late = (): Promise<StepResult> =>
      new Promise((_resolve, reject) => {
        fail = reject;
      });
    await probe([step('late', late)]);
    fail(new TypeError('late'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('shows no secret of the endpoint or of a message', async () => {
    const result = await probe(
      [step('credentials', failed({ ...trouble, message: `refused ${canary}`, resolution: `use ${canary}` }))],
      {
        endpoint: `https://me:${canary}@host/dagster?token=${canary}`,
      },
    );
    expect(result.details.endpoint).toBe('https://host/dagster');
    expect(result.details.steps[0]).toMatchObject({ message: 'refused ***', resolution: 'use ***' });
    expect(JSON.stringify(result)).not.toContain(canary);
  });
});
