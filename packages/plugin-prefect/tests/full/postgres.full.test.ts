import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrefectParts } from '../support/prefect-parts.js';
import { TestPrefect } from '../support/test-prefect.js';
import { startPostgres, type Postgres } from '../support/postgres.js';
import { within } from '@floe/test-products/repository';

import { statuses, TestProduct } from '@floe/test-products/test-product';

let postgres: Postgres;
let parts: PrefectParts;
let prefect: TestPrefect;
let product: TestProduct;
beforeAll(async () => {
  postgres = await startPostgres();
  const database = `postgresql+asyncpg://postgres@127.0.0.1:${postgres.port}/postgres`;
  parts = await PrefectParts.prepare(database);
  prefect = await TestPrefect.of(parts);
  await parts.startServer();
  await parts.startWorker();
  product = await TestProduct.copy('hello-orders', prefect);
}, 300_000);
afterAll(async () => {
  await product.remove();
  await prefect.stop();
  await postgres.stop();
}, 60_000);

describe('a Prefect on PostgreSQL', () => {
  it('passes the connection check', async () => {
    expect(await prefect.plugin().validateConnection(within(10))).toMatchObject({
      success: true,
      details: { warnings: [] },
    });
  });

  it('takes a product, and nothing the second time', async () => {
    expect(await product.deploy()).toMatchObject({ applied: true, drift: [] });
    expect(await product.deploy()).toMatchObject({ applied: true, changes: [], drift: [] });
  });

  it('runs it', async () => {
    const { result } = await product.run();
    expect(result.error).toBeUndefined();
    expect(Object.values(statuses(result))).toEqual(Array.from({ length: 11 }, () => 'succeeded'));
  });

  it('lets it go', async () => {
    const { directory } = prefect.state;
    const options = { ...within(60), dryRun: false, directory };
    expect((await prefect.plugin().remove('hello-orders', options)).changes).toHaveLength(3);
  });

  it('is told when its database is gone', async () => {
    await postgres.stop();
    const check = await prefect.plugin().validateConnection(within(10));
    expect(check.success).toBe(false);
    expect(check.details.steps.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      name: 'product',
      code: 'PLATFORM_UNHEALTHY',
    });
    postgres = await startPostgres();
  });
});
