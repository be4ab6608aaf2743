import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { within } from '@floe/test-products/repository';
import { TestDagster } from '../support/test-dagster.js';
import { TestProduct } from '@floe/test-products/test-product';

let dagster: TestDagster;
let product: TestProduct;

beforeAll(async () => {
  dagster = await TestDagster.startWithoutDaemon();
  product = await TestProduct.copy('hello-orders', dagster);
  await product.edit('floe.yaml', (text) => `${text.trimEnd()}\nexecution:\n  queue_timeout: 8\n`);
  await product.deploy();
}, 300_000);
afterAll(async () => {
  await product.remove();
  await dagster.stop();
}, 60_000);

describe('a Dagster whose daemon does not run', () => {
  it('is told by the connection check', async () => {
    const check = await dagster.plugin().validateConnection(within(10));
    expect(check.details.steps.find(({ name }) => name === 'health')).toMatchObject({ outcome: 'warned' });
    expect(check.message).toContain('daemon');
  });

  it('ends a run at its queue deadline, and says why', async () => {
    const { result } = await product.run();
    expect(result).toMatchObject({
      status: 'timed_out',
      error: { code: 'QUEUE_TIMEOUT' },
      diagnosis: { cause: 'daemon_down' },
    });
    expect(result.diagnosis?.resolution).toContain('daemon');
    const [run] = await dagster.plugin().listRuns((await product.compile()).artifacts, { ...within(20), limit: 1 });
    expect(run).toMatchObject({ runId: result.runId, status: 'cancelled' });
  });
});
