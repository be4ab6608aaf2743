import { within } from '@floe/test-products/repository';
import { describeTriggers } from '@floe/test-products/suites/triggers-suite';
import { readRuns } from '../../src/airflow-runs.js';
import { TestAirflow } from '../support/test-airflow.js';

describeTriggers({
  title: 'Airflow',
  start: () => TestAirflow.start(),
  async runsOf(airflow, { kind, name }) {
    const answer = await readRuns(airflow.client, 'watcher', { limit: 100 }, within(20));
    if (!answer.ok) throw new TypeError(answer.failure.message);
    return answer.value
      .filter(({ dag_run_id: id }) => id.startsWith(`floe__${kind}-${name}-`))
      .map(({ state }) => state === 'success');
  },
});
