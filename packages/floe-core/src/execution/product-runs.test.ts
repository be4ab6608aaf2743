import { describe, expect, it } from '@jest/globals';
import { failure, success } from '../outcome/outcome.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { FakeClock } from '../testing/fake-clock.js';
import { createSeededRandom } from '../testing/seeded-random.js';
import { createRedactor } from '../redaction/create-redactor.js';
import { attachToRun, executeRun, retryRun, type OpenRuns } from './product-runs.js';
import type { BackendFault, RunBackend } from './run-backend.js';

const refused: BackendFault = { code: 'PLATFORM_REFUSED', message: 'no', resolution: 'Look.', retryable: false };
const missing: BackendFault = { code: 'RUN_NOT_FOUND', message: 'none', resolution: 'List.', retryable: false };
const never = new AbortController().signal;
const request = { artifacts: exampleArtifacts({ nodes: [{ unique_id: 'model.shop.orders' }] }), bundleHash: null };

function context(): Parameters<typeof executeRun>[2] {
  return { clock: new FakeClock(), random: createSeededRandom(1), redactor: createRedactor() };
}

/** Runs whose backend refuses every submission and keeps how long it was allowed to take. */
function refusingRuns(limits?: { callTimeout: number }): { open: OpenRuns; allowedMs: number[] } {
  const allowedMs: number[] = [];
  const backend: RunBackend = {
    submit: (_input, { timeoutMs }) => {
      allowedMs.push(timeoutMs);
      return Promise.resolve({ kind: 'rejected', fault: refused });
    },
    find: () => Promise.resolve(success(undefined)),
    read: () => Promise.resolve(failure(refused)),
    logs: () => Promise.resolve(failure(refused)),
    cancel: () => Promise.resolve(failure(refused)),
    diagnose: () => Promise.resolve({ cause: 'unknown', message: 'no', resolution: 'Look.' }),
  };
  const open: OpenRuns = () =>
    Promise.resolve({
      backend,
      ...(limits !== undefined && { limits }),
      locate: () => Promise.resolve(failure(missing)),
      idsToRetry: () => Promise.resolve([]),
    });
  return { open, allowedMs };
}

describe('the runs of a product', () => {
  it.each([
    ['the default', undefined, 30_000],
    ['the setting of the plugin', { callTimeout: 7 }, 7_000],
  ])('gives one request the time of %s', async (_name, limits, expected) => {
    const { open, allowedMs } = refusingRuns(limits);
    await expect(executeRun(request, open, context(), never).result).rejects.toMatchObject({
      code: 'PLATFORM_REFUSED',
    });
    expect(allowedMs).toEqual([expected]);
  });

  it('takes a key that no run has for a mistake of the caller', async () => {
    const run = { artifacts: request.artifacts, key: 'nobody' };
    const { open } = refusingRuns();
    const expected = { name: 'InputError', code: 'RUN_NOT_FOUND' };
    await expect(attachToRun(run, open, context(), never).result).rejects.toMatchObject(expected);
    await expect(retryRun(run, request, open, context(), never).result).rejects.toMatchObject(expected);
  });
});
