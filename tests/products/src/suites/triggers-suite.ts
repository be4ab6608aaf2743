import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestPlatform } from '../test-platform.js';
import { TestProduct } from '../test-product.js';
import { waitFor } from '../wait-for.js';

/** What is particular to an orchestrator. */
export interface TriggeringOrchestrator<Platform extends TestPlatform> {
  readonly title: string;
  start(): Promise<Platform>;
  /** One entry for each run of the product `watcher` that a trigger asked for: true when it succeeded. */
  runsOf(
    platform: Platform,
    trigger: { readonly kind: 'schedule' | 'sensor'; readonly name: string },
    watcher: TestProduct,
  ): Promise<readonly boolean[]>;
}

/** Seconds between two looks of a sensor; the least that floe accepts. */
const interval = 30;
const sensors = ['after_product', 'after_asset', 'after_file', 'after_page'] as const;

/** Schedules tick when they are on; each kind of sensor fires once for what happened once. */
export function describeTriggers<Platform extends TestPlatform>(orchestrator: TriggeringOrchestrator<Platform>): void {
  let platform: Platform;
  let orders: TestProduct;
  let watcher: TestProduct;
  let page: Server;

  beforeAll(async () => {
    platform = await orchestrator.start();
    page = createServer((_request, response) => {
      response.writeHead(200).end('ready');
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    orders = await TestProduct.copy('hello-orders', platform);
    watcher = await TestProduct.copy('hello-orders', platform);
    await watcher.edit('manifest.yaml', (text) => text.replace('path: hello_orders.duckdb', 'path: watcher.duckdb'));
    await watcher.edit(
      'floe.yaml',
      (text) => `${text.replace('name: hello-orders', 'name: watcher').trimEnd()}\n${triggers()}`,
    );
    await orders.deploy();
    await watcher.deploy();
  }, 300_000);
  afterAll(async () => {
    page.close();
    await orders.remove();
    await watcher.remove();
    await platform.stop();
  }, 60_000);

  function triggers(): string {
    const { port } = page.address() as AddressInfo;
    return `schedules:
  - {name: each_minute, cron: '* * * * *', select: stg_orders, enabled: true}
  - {name: never_started, cron: '* * * * *', select: mart_daily_orders, enabled: false}
sensors:
  - {name: after_product, type: product_succeeded, product: hello-orders, interval: ${interval}}
  - {name: after_asset, type: asset_updated, asset: hello-orders/stg_orders, interval: ${interval}}
  - {name: after_file, type: file_changed, path: arrived.csv, interval: ${interval}}
  - {name: after_page, type: http_ready, url: 'http://127.0.0.1:${port}/ready', interval: ${interval}}
`;
  }

  const runsOf = (kind: 'schedule' | 'sensor', name: string): Promise<readonly boolean[]> =>
    orchestrator.runsOf(platform, { kind, name }, watcher);
  const succeeded = async (kind: 'schedule' | 'sensor', name: string): Promise<true | undefined> =>
    (await runsOf(kind, name)).includes(true) ? true : undefined;

  describe(`two products on one ${orchestrator.title}`, () => {
    it('an enabled schedule ticks, a disabled one does not', async () => {
      await waitFor('the run of the schedule', 150, () => succeeded('schedule', 'each_minute'));
      expect(await runsOf('schedule', 'never_started')).toEqual([]);
    });

    it('each kind of sensor fires once for what happened once', async () => {
      await writeFile(join(platform.state.dataDirectory, 'arrived.csv'), 'id\n1\n');
      expect((await orders.run()).result.status).toBe('succeeded');
      for (const name of sensors) await waitFor(`the run of ${name}`, 240, () => succeeded('sensor', name));
      const before = Date.now();
      await waitFor('two more looks of each sensor', 3 * interval, () =>
        Date.now() - before > 2.2 * interval * 1_000 ? true : undefined,
      );
      for (const name of sensors) {
        const { length } = await runsOf('sensor', name);
        expect({ name, runs: length }).toEqual({ name, runs: 1 });
      }
    });

    it('a change fires again', async () => {
      await writeFile(join(platform.state.dataDirectory, 'arrived.csv'), 'id\n1\n2\n');
      await waitFor('the second run', 120, async () =>
        (await runsOf('sensor', 'after_file')).length === 2 ? true : undefined,
      );
    });
  });
}
