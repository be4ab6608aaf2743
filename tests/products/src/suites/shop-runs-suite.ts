import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestPlatform } from '../test-platform.js';
import { statuses, TestProduct, type FollowedRun } from '../test-product.js';

/** Runs of a product with every kind of node: whole, in part, with failures, and what is missing of them. */
export function describeShopRuns<Platform extends TestPlatform>(
  start: () => Promise<Platform>,
  /** What else holds for the full run at this orchestrator. */
  further?: (platform: () => Platform, shop: () => TestProduct, run: () => FollowedRun) => void,
): void {
  let platform: Platform;
  let shop: TestProduct;
  beforeAll(async () => {
    platform = await start();
    shop = await TestProduct.copy('shop', platform);
    await shop.deploy();
  }, 300_000);
  afterAll(async () => {
    await shop.remove();
    await platform.stop();
  }, 60_000);

  describe('a full run of shop', () => {
    let full: FollowedRun;
    beforeAll(async () => {
      full = await shop.run();
    });

    it('succeeds; the test of severity warn is a warning, seeds that feed a source come first', () => {
      expect(full.result.error).toBeUndefined();
      expect(full.result.status).toBe('succeeded');
      const byName = statuses(full.result);
      expect(byName.not_null_stg_products_weight_kg).toBe('warned');
      const others = Object.entries(byName).filter(([name]) => name !== 'not_null_stg_products_weight_kg');
      expect(new Set(others.map(([, status]) => status))).toEqual(new Set(['succeeded']));
      expect(byName.raw_payments).toBe('succeeded');
      expect(byName.stg_payments).toBe('succeeded');
      const ended = full.events.flatMap((event) =>
        event.type === 'node' && event.status === 'succeeded' ? [event.id] : [],
      );
      const position = (name: string): number => ended.findIndex((id) => id.split('.').at(-1) === name);
      expect(position('raw_payments')).toBeLessThan(position('stg_payments'));
    });

    it('makes the right rows', async () => {
      expect(await shop.query('shop.duckdb', 'select * from main.fct_daily_sales order by 1')).toEqual([
        ['2026-03-02', '2', expect.any(String), expect.any(String)],
        ['2026-03-03', '3', expect.any(String), expect.any(String)],
        ['2026-03-04', '3', expect.any(String), expect.any(String)],
      ]);
      expect(
        await shop.query('shop.duckdb', 'select count(*), count(distinct customer_id) from main.customers_history'),
      ).toEqual([['6', '6']]);
    });

    further?.(
      () => platform,
      () => shop,
      () => full,
    );

    it('has the lines of dbt in its log', async () => {
      const { artifacts } = await shop.request();
      const lines = await platform
        .plugin()
        .readLogs({ artifacts, key: full.result.key }, { signal: new AbortController().signal, timeoutMs: 30_000 });
      expect(lines.some(({ text }) => text.includes('Finished running'))).toBe(true);
    });
  });

  describe('a part of shop', () => {
    it('runs three models with their checks', async () => {
      const { result } = await shop.run({ select: 'stg_orders stg_customers dim_products' });
      expect(result.status).toBe('succeeded');
      const models = result.nodes.filter(({ kind }) => kind === 'model').map(({ name }) => name);
      expect(models.sort()).toEqual(['dim_products', 'stg_customers', 'stg_orders']);
      expect(result.nodes.filter(({ kind }) => kind === 'test').map(({ name }) => name)).toContain(
        'not_null_stg_orders_order_id',
      );
    });

    it('runs checks only', async () => {
      const { result } = await shop.run({ select: 'orders_are_paid unique_fct_orders_order_id' });
      expect(result.status).toBe('succeeded');
      expect(statuses(result)).toEqual({ orders_are_paid: 'succeeded', unique_fct_orders_order_id: 'succeeded' });
    });

    it('runs a check of a source, and models without checks', async () => {
      const source = await shop.run({ select: 'source_unique_erp_raw_payments_payment_id' });
      expect(statuses(source.result)).toEqual({ source_unique_erp_raw_payments_payment_id: 'succeeded' });
      const bare = await shop.run({ select: 'stg_orders', checks: false });
      expect(statuses(bare.result)).toEqual({ stg_orders: 'succeeded' });
    });
  });

  describe('a failing model in the middle', () => {
    let failed: FollowedRun;
    beforeAll(async () => {
      await shop.edit('models/intermediate/int_orders_enriched.sql', (text) =>
        text.replace('orders.status,', 'orders.no_such_column,'),
      );
      await shop.deploy();
      failed = await shop.run();
    });

    it('fails with its SQL error, skips what needs it, and does the rest', () => {
      const { result } = failed;
      expect(result.status).toBe('failed');
      const byName = statuses(result);
      expect(byName).toMatchObject({
        int_orders_enriched: 'failed',
        fct_orders: 'skipped',
        fct_daily_sales: 'skipped',
        mart_country_sales: 'skipped',
        stg_orders: 'succeeded',
        dim_products: 'succeeded',
        int_payments_by_order: 'succeeded',
      });
      const broken = result.nodes.find(({ name }) => name === 'int_orders_enriched');
      expect(broken?.message).toContain('no_such_column');
      expect(JSON.stringify(result)).not.toMatch(/Traceback|File \\?".*\.py/u);
      expect(result.error).toMatchObject({ code: 'RUN_FAILED' });
      expect(result.error?.message).toContain('int_orders_enriched');
      expect(result.logs.length).toBeGreaterThan(0);
    });

    it('is repeated for what is missing only, once the model is mended', async () => {
      await shop.edit('models/intermediate/int_orders_enriched.sql', (text) =>
        text.replace('orders.no_such_column,', 'orders.status,'),
      );
      await shop.deploy();
      const missing = failed.result.nodes.filter(({ status }) => status !== 'succeeded' && status !== 'warned');
      const { result } = await shop.retry(failed.result.key);
      expect(result.status).toBe('succeeded');
      expect(result.nodes.map(({ id }) => id).sort()).toEqual(missing.map(({ id }) => id).sort());
      await expect(shop.retry(result.key)).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
    });
  });

  describe('a failing test', () => {
    it('fails the run and skips what waits for it', async () => {
      await shop.edit('models/staging/staging.yml', (text) =>
        text.replace('values: [completed, cancelled]', 'values: [completed]'),
      );
      await shop.deploy();
      const { result } = await shop.run({ select: 'stg_orders+' });
      expect(result.status).toBe('failed');
      const byName = statuses(result);
      const test = Object.keys(byName).find((name) => name.startsWith('accepted_values_stg_orders'));
      expect(byName[test ?? '']).toBe('failed');
      expect(byName).toMatchObject({ stg_orders: 'succeeded', fct_orders: 'skipped' });
      expect(result.nodes.find(({ name }) => name === test)?.failures).toBe(1);
    });
  });
}
