import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeployChange } from '@floe/core/plugin-interfaces';
import { within } from '../repository.js';
import type { TestPlatform } from '../test-platform.js';
import { statuses, TestProduct } from '../test-product.js';

/** What is particular to an orchestrator. */
export interface HelloOrders {
  readonly title: string;
  readonly version: string;
  /** What the first deployment does. */
  readonly actions: readonly DeployChange['action'][];
  readonly start: () => Promise<TestPlatform>;
}

/** The short way through a plugin: deploy, check, run, run a part. */
export function describeHelloOrders({ title, version, actions, start }: HelloOrders): void {
  describe(`hello-orders on a real ${title}`, () => {
    let platform: TestPlatform;
    let product: TestProduct;
    beforeAll(async () => {
      platform = await start();
      product = await TestProduct.copy('hello-orders', platform);
    }, 300_000);
    afterAll(async () => {
      await product.remove();
      await platform.stop();
    }, 60_000);

    it('is deployed as planned, and the second time nothing is changed', async () => {
      const first = await product.deploy();
      expect(first).toMatchObject({ applied: true, drift: [] });
      expect(first.changes.map(({ action }) => action)).toEqual(actions);
      expect(await product.deploy()).toMatchObject({ applied: true, changes: [], drift: [] });
    });

    it('passes the connection check', async () => {
      const check = await platform.plugin().validateConnection(within(10));
      expect(check).toMatchObject({ success: true, details: { version, warnings: [] } });
    });

    it('runs, with progress, a true result and the right rows', async () => {
      const { result, events } = await product.run();
      expect(result).toMatchObject({ status: 'succeeded' });
      expect(Object.values(statuses(result))).toEqual(Array.from({ length: 11 }, () => 'succeeded'));
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['submitted', 'phase', 'node', 'finished']),
      );
      const rows = await product.query('hello_orders.duckdb', 'select * from main.mart_daily_orders order by 1');
      expect(rows.length).toBeGreaterThan(0);
    });

    it('runs a part', async () => {
      const { result } = await product.run({ select: 'stg_orders' });
      expect(result.status).toBe('succeeded');
      expect(Object.keys(statuses(result)).sort()).toEqual([
        'accepted_values_stg_orders_status__completed__cancelled',
        'not_null_stg_orders_order_id',
        'stg_orders',
        'unique_stg_orders_order_id',
      ]);
    });
  });
}
