import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunFields } from '../../src/dagster-answers.js';
import { readRuns } from '../../src/dagster-runs.js';
import { TestDagster, within } from '../support/test-dagster.js';
import { TestProduct } from '../support/test-product.js';
import { waitFor } from '../support/wait-for.js';

/** Seconds between two looks of a sensor; the least that floe accepts. */
const interval = 30;
const sensorKinds = ['after_product', 'after_asset', 'after_file', 'after_page'] as const;

let dagster: TestDagster;
let orders: TestProduct;
let watcher: TestProduct;
let page: Server;

beforeAll(async () => {
  dagster = await TestDagster.start();
  page = createServer((_request, response) => {
    response.writeHead(200).end('ready');
  });
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  orders = await TestProduct.copy('hello-orders', dagster);
  watcher = await TestProduct.copy('hello-orders', dagster);
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
  await dagster.stop();
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

async function runsWith(tag: string, value: string): Promise<readonly RunFields[]> {
  const answer = await readRuns(dagster.client, { tags: [{ key: tag, value }] }, 50, within(20));
  if (!answer.ok) throw new TypeError(answer.failure.message);
  return answer.value;
}

async function nativeName(kind: 'schedules' | 'sensors', id: string): Promise<string> {
  const { definitions } = await watcher.bundle();
  const entry = definitions[kind].find((candidate) => candidate.id === id);
  if (entry === undefined) throw new TypeError(`no ${kind} ${id}`);
  return entry.nativeName;
}

describe('two products on one Dagster', () => {
  it('an enabled schedule ticks, a disabled one does not', async () => {
    const enabled = await nativeName('schedules', 'each_minute');
    const disabled = await nativeName('schedules', 'never_started');
    await waitFor('the run of the schedule', 150, async () => {
      const runs = await runsWith('dagster/schedule_name', enabled);
      return runs.find(({ status }) => status === 'SUCCESS');
    });
    expect(await runsWith('dagster/schedule_name', disabled)).toEqual([]);
  });

  it('each kind of sensor fires once for what happened once', async () => {
    await writeFile(join(dagster.state.dataDirectory, 'arrived.csv'), 'id\n1\n');
    expect((await orders.run()).result.status).toBe('succeeded');
    for (const kind of sensorKinds) {
      const sensor = await nativeName('sensors', kind);
      await waitFor(`the run of ${kind}`, 180, async () => {
        const runs = await runsWith('dagster/sensor_name', sensor);
        return runs.find(({ status }) => status === 'SUCCESS');
      });
    }
    const before = Date.now();
    await waitFor('two more looks of each sensor', 3 * interval, () =>
      Date.now() - before > 2.2 * interval * 1_000 ? true : undefined,
    );
    for (const kind of sensorKinds) {
      const runs = await runsWith('dagster/sensor_name', await nativeName('sensors', kind));
      expect({ kind, runs: runs.length }).toEqual({ kind, runs: 1 });
    }
  });

  it('a change fires again', async () => {
    await writeFile(join(dagster.state.dataDirectory, 'arrived.csv'), 'id\n1\n2\n');
    const sensor = await nativeName('sensors', 'after_file');
    await waitFor('the second run', 120, async () =>
      (await runsWith('dagster/sensor_name', sensor)).length === 2 ? true : undefined,
    );
  });
});
