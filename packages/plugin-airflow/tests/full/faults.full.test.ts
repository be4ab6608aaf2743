import { describe, expect, it } from '@jest/globals';
import { brokenBundle, missingModule } from '@floe/test-products/broken-bundle';
import { within } from '@floe/test-products/repository';
import { describeFaults } from '@floe/test-products/suites/faults-suite';
import { TestProduct } from '@floe/test-products/test-product';
import { readRuns } from '../../src/airflow-runs.js';
import { TestAirflow } from '../support/test-airflow.js';

describeFaults(
  {
    start: () => TestAirflow.start(),
    workerOf: (airflow, runId) => airflow.workerOf('hello-orders', runId),
    countRuns: async (airflow, key) => {
      const runs = await readRuns(airflow.client, 'hello-orders', { limit: 20 }, within(10));
      return runs.ok ? runs.value.filter(({ dag_run_id: id }) => id.includes(key)).length : 0;
    },
    lostCause: 'worker_killed',
  },
  (airflow, product) => {
    describe('a DAG file that does not import', () => {
      it('is told with its deepest cause at the deployment, in the check and at a run; others still run', async () => {
        const other = await TestProduct.copy('shop', airflow());
        try {
          const broken = await brokenBundle(other, 'floe_airflow/product_dags.py');
          const { directory } = airflow().state;
          const deployment = airflow()
            .plugin()
            .deploy(broken, { ...within(120), dryRun: false, directory });
          await expect(deployment).rejects.toMatchObject({
            code: 'DEPLOYMENT_NOT_LOADED',
            message: expect.stringMatching(
              /ModuleNotFoundError: No module named 'no_such_module_of_floe' \(floe_airflow\/product_dags\.py:\d+\)/u,
            ),
          });
          const check = await airflow().plugin().validateConnection(within(10));
          expect(check.success).toBe(true);
          expect(check.message).toContain(missingModule);
          const request = { artifacts: broken.artifacts, bundleHash: broken.hash };
          const execution = airflow().plugin().executeJob(request, new AbortController().signal);
          await expect(execution.result).rejects.toMatchObject({
            code: 'DEPLOYMENT_NOT_LOADED',
            message: expect.stringContaining(missingModule),
          });
          expect((await product().run()).result.status).toBe('succeeded');
          expect(await other.deploy()).toMatchObject({ drift: [] });
        } finally {
          await other.remove();
        }
      });
    });
  },
);
