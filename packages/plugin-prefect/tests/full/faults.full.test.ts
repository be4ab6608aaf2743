import { describe, expect, it } from '@jest/globals';
import { brokenBundle, missingModule } from '@floe/test-products/broken-bundle';
import { processesBelow } from '@floe/test-products/processes';
import { within } from '@floe/test-products/repository';
import { describeFaults } from '@floe/test-products/suites/faults-suite';
import { follow, TestProduct } from '@floe/test-products/test-product';
import { waitFor } from '@floe/test-products/wait-for';
import { z } from 'zod';
import { TestPrefect } from '../support/test-prefect.js';

describeFaults(
  {
    start: () => TestPrefect.start(),
    workerOf: (prefect) =>
      waitFor('the process of the flow', 30, () => processesBelow(prefect.state.processGroup, 'prefect.engine')[0]),
    countRuns: async (prefect, key) => {
      const filter = { flow_runs: { name: { any_: [key] } } };
      return (await prefect.ask('POST', '/flow_runs/filter', z.array(z.unknown()), filter)).length;
    },
  },
  (prefect, product) => {
    describe('a flow that does not import', () => {
      it('ends its run with the deepest cause; others still run', async () => {
        const other = await TestProduct.copy('shop', prefect());
        try {
          const broken = await brokenBundle(other, 'floe_prefect/run_summary.py');
          const { directory } = prefect().state;
          await prefect()
            .plugin()
            .deploy(broken, { ...within(120), dryRun: false, directory });
          const request = { artifacts: broken.artifacts, bundleHash: broken.hash };
          const { result } = await follow(prefect().plugin().executeJob(request, new AbortController().signal));
          expect(result.status).not.toBe('succeeded');
          expect(result.error?.message).toContain(missingModule);
          expect(JSON.stringify(result.error)).not.toContain('Traceback');
          expect((await product().run()).result.status).toBe('succeeded');
          expect(await other.deploy()).toMatchObject({ drift: [] });
        } finally {
          await other.remove();
        }
      });
    });
  },
);
