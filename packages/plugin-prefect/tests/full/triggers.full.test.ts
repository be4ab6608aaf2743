import { describeTriggers } from '@floe/test-products/suites/triggers-suite';
import { z } from 'zod';
import { flowName } from '../../src/prefect-names.js';
import { TestPrefect } from '../support/test-prefect.js';

const flowRuns = z.array(z.looseObject({ state_type: z.string(), parameters: z.looseObject({}) }));

describeTriggers({
  title: 'Prefect',
  start: () => TestPrefect.start(),
  async runsOf(prefect, { kind, name }) {
    const filter = { flows: { name: { any_: [flowName('watcher')] } }, limit: 200 };
    const runs = await prefect.ask('POST', '/flow_runs/filter', flowRuns, filter);
    return runs
      .filter(({ parameters }) => parameters.trigger === `${kind}:${name}`)
      .map(({ state_type: type }) => type === 'COMPLETED');
  },
});
