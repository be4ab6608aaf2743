import { describe, expect, it } from '@jest/globals';
import { brokenBundle, missingModule } from '@floe/test-products/broken-bundle';
import { within } from '@floe/test-products/repository';
import { describeFaults } from '@floe/test-products/suites/faults-suite';
import { TestProduct } from '@floe/test-products/test-product';
import { readRuns } from '../../src/dagster-runs.js';
import { TestDagster } from '../support/test-dagster.js';

describeFaults(
  {
    start: () => TestDagster.start(),
    workerOf: (dagster, runId) => dagster.workerOf(runId),
    countRuns: async (dagster, key) => {
      const runs = await readRuns(dagster.client, { tags: [{ key: 'floe/key', value: key }] }, 10, within(10));
      return runs.ok ? runs.value.filter(({ status }) => status === 'SUCCESS').length : 0;
    },
    lostCause: 'worker_lost',
  },
  (dagster, product) => {
    describe('a code location that does not import', () => {
      it('is told with its deepest cause at the deployment, in the check and at a run; others still run', async () => {
        const other = await TestProduct.copy('shop', dagster());
        try {
          const broken = await brokenBundle(other, 'floe_dagster/busy.py');
          const { directory } = dagster().state;
          const deployment = dagster()
            .plugin()
            .deploy(broken, { ...within(120), dryRun: false, directory });
          await expect(deployment).rejects.toMatchObject({
            code: 'DEPLOYMENT_NOT_LOADED',
            message: expect.stringContaining(`ModuleNotFoundError: No module named '${missingModule}'`),
          });
          const check = await dagster().plugin().validateConnection(within(10));
          expect(check.success).toBe(true);
          expect(check.message).toContain(missingModule);
          const request = { artifacts: broken.artifacts, bundleHash: broken.hash };
          const execution = dagster().plugin().executeJob(request, new AbortController().signal);
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
