import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '../../src/airflow-answers.js';
import { readRuns } from '../../src/airflow-runs.js';
import { TestAirflow, within } from '../support/test-airflow.js';
import { TestProduct } from '../support/test-product.js';
import { waitFor } from '../support/wait-for.js';

/** Seconds between two looks of a sensor; the least that floe accepts. */
const interval = 30;
const sensorKinds = ['after_product', 'after_asset', 'after_file', 'after_page'] as const;

let airflow: TestAirflow;
let orders: TestProduct;
let watcher: TestProduct;
let page: Server;

beforeAll(async () => {
  airflow = await TestAirflow.start();
  page = createServer((_request, response) => {
    response.writeHead(200).end('ready');
  });
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  orders = await TestProduct.copy('hello-orders', airflow);
  watcher = await TestProduct.copy('hello-orders', airflow);
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
  await airflow.stop();
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

/** Runs of the watching product that a schedule or sensor started. */
async function runsOf(kind: 'schedule' | 'sensor', name: string): Promise<readonly Run[]> {
  const answer = await readRuns(airflow.client, 'watcher', { limit: 100 }, within(20));
  if (!answer.ok) throw new TypeError(answer.failure.message);
  return answer.value.filter(({ dag_run_id: id }) => id.startsWith(`floe__${kind}-${name}-`));
}

describe('two products on one Airflow', () => {
  it('an enabled schedule ticks, a disabled one does not', async () => {
    await waitFor('the run of the schedule', 150, async () => {
      const runs = await runsOf('schedule', 'each_minute');
      return runs.find(({ state }) => state === 'success');
    });
    expect(await runsOf('schedule', 'never_started')).toEqual([]);
  });

  it('each kind of sensor fires once for what happened once', async () => {
    await writeFile(join(airflow.state.dataDirectory, 'arrived.csv'), 'id\n1\n');
    expect((await orders.run()).result.status).toBe('succeeded');
    for (const kind of sensorKinds) {
      await waitFor(`the run of ${kind}`, 180, async () => {
        const runs = await runsOf('sensor', kind);
        return runs.find(({ state }) => state === 'success');
      });
    }
    const before = Date.now();
    await waitFor('two more looks of each sensor', 3 * interval, () =>
      Date.now() - before > 2.2 * interval * 1_000 ? true : undefined,
    );
    for (const kind of sensorKinds) {
      const runs = await runsOf('sensor', kind);
      expect({ kind, runs: runs.length }).toEqual({ kind, runs: 1 });
    }
  });

  it('a change fires again', async () => {
    await writeFile(join(airflow.state.dataDirectory, 'arrived.csv'), 'id\n1\n2\n');
    await waitFor('the second run', 120, async () =>
      (await runsOf('sensor', 'after_file')).length === 2 ? true : undefined,
    );
  });
});
