import { expect, it } from '@jest/globals';
import { describeShopRuns } from '@floe/test-products/suites/shop-runs-suite';
import { z } from 'zod';
import { TestPrefect } from '../support/test-prefect.js';

const plan = z.object({ nodes: z.array(z.object({ id: z.string(), waits: z.array(z.number()).default([]) })) });
const graph = z.object({
  nodes: z.array(z.tuple([z.string(), z.looseObject({ parents: z.array(z.looseObject({ id: z.string() })) })])),
});
const taskRuns = z.array(z.looseObject({ id: z.string(), task_key: z.string() }));

/** dbt's ids of the mirrored nodes of a run, by the id of their task run. */
async function taskKeys(prefect: TestPrefect, runId: string | undefined): Promise<ReadonlyMap<string, string>> {
  const filter = { flow_runs: { id: { any_: [runId] } }, limit: 200 };
  const runs = await prefect.ask('POST', '/task_runs/filter', taskRuns, filter);
  return new Map(runs.map(({ id, task_key: key }) => [id, key]));
}

describeShopRuns(
  () => TestPrefect.start(),
  (prefect, shop, run) => {
    it('is a graph with the edges of dbt, each node once', async () => {
      const { definitions } = await shop().bundle();
      const document = plan.parse(
        JSON.parse(definitions.files.find(({ path }) => path === 'prefect.json')?.content ?? ''),
      );
      const expected = document.nodes.flatMap(({ id, waits }) =>
        waits.map((index) => `${document.nodes[index]?.id ?? ''} ${id}`),
      );
      const keys = await taskKeys(prefect(), run().result.runId);
      expect([...keys.values()].sort()).toEqual(document.nodes.map(({ id }) => id).sort());
      const { nodes } = await prefect().ask('GET', `/flow_runs/${run().result.runId}/graph-v2`, graph);
      const edges = nodes.flatMap(([id, { parents }]) =>
        parents.map((parent) => `${keys.get(parent.id) ?? ''} ${keys.get(id) ?? ''}`),
      );
      // Prefect repeats parents.
      expect([...new Set(edges)].sort()).toEqual(expected.sort());
    });
  },
);
