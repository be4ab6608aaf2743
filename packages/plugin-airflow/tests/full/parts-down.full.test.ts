import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { healthAnswer } from '../../src/airflow-answers.js';
import { apiPath } from '../../src/airflow-client.js';
import { within } from '@floe/test-products/repository';
import { TestAirflow } from '../support/test-airflow.js';
import { follow, TestProduct } from '@floe/test-products/test-product';
import { waitFor } from '@floe/test-products/wait-for';

let airflow: TestAirflow;
let product: TestProduct;

beforeAll(async () => {
  airflow = await TestAirflow.start();
  product = await TestProduct.copy('hello-orders', airflow);
  await product.edit('floe.yaml', (text) => `${text.trimEnd()}\nexecution:\n  queue_timeout: 8\n  timeout: 20\n`);
  await product.deploy();
}, 300_000);
afterAll(async () => {
  await product.remove();
  await airflow.stop();
}, 60_000);

/** Kills a part, and waits until Airflow itself has noticed. */
async function kill(part: 'scheduler' | 'dag-processor' | 'triggerer'): Promise<void> {
  process.kill(airflow.part(part), 'SIGKILL');
  const key = part === 'dag-processor' ? 'dag_processor' : part;
  await waitFor(`the end of the ${part}`, 90, async () => {
    const health = await airflow.client.send(
      { method: 'GET', path: apiPath('monitor', 'health'), anonymous: true },
      healthAnswer,
      within(10),
    );
    return health.ok && health.value[key]?.status === 'unhealthy' ? true : undefined;
  });
  const check = await airflow.plugin().validateConnection(within(10));
  expect(check.success).toBe(true);
  expect(check.details.steps.find(({ name }) => name === 'health')).toMatchObject({ outcome: 'warned' });
  expect(check.message).toContain(part);
}

describe('an Airflow of which a part does not run', () => {
  it('without the DAG processor a deployment is not loaded, and says why', async () => {
    await kill('dag-processor');
    await product.edit('models/stg_orders.sql', (text) => `${text}\n-- changed\n`);
    const { directory } = airflow.state;
    const plugin = airflow.plugin({ load_timeout: 5 });
    const deployment = plugin.deploy(await product.bundle(), { ...within(60), dryRun: false, directory });
    await expect(deployment).rejects.toMatchObject({
      code: 'DEPLOYMENT_NOT_LOADED',
      message: expect.stringContaining('DAG processor'),
    });
  });

  it('without the triggerer a run with tasks for its nodes says why it does not end, and ends at its time limit', async () => {
    await kill('triggerer');
    const { artifacts } = await product.compile();
    const execution = airflow.plugin().executeJob({ artifacts, bundleHash: null }, new AbortController().signal);
    const waits: string[] = [];
    const { result } = await follow(execution, (event) => {
      if (event.type === 'waiting') waits.push(event.diagnosis.cause);
    });
    expect(waits).toEqual(['triggerer_down']);
    expect(result).toMatchObject({ diagnosis: { cause: 'triggerer_down' } });
  });

  it('without the scheduler a run ends at its queue deadline, and says why', async () => {
    await kill('scheduler');
    const { artifacts } = await product.compile();
    const execution = airflow.plugin().executeJob({ artifacts, bundleHash: null }, new AbortController().signal);
    expect(await execution.result).toMatchObject({
      status: 'timed_out',
      error: { code: 'QUEUE_TIMEOUT' },
      diagnosis: { cause: 'scheduler_down' },
    });
  });
});
