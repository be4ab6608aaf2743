import { within } from '@floe/test-products/repository';
import { describeTriggers } from '@floe/test-products/suites/triggers-suite';
import { readRuns } from '../../src/dagster-runs.js';
import { TestDagster } from '../support/test-dagster.js';

describeTriggers({
  title: 'Dagster',
  start: () => TestDagster.start(),
  async runsOf(dagster, { kind, name }, watcher) {
    const { definitions } = await watcher.bundle();
    const entry = definitions[kind === 'schedule' ? 'schedules' : 'sensors'].find(({ id }) => id === name);
    const tags = [{ key: `dagster/${kind}_name`, value: entry?.nativeName ?? '' }];
    const answer = await readRuns(dagster.client, { tags }, 50, within(20));
    if (!answer.ok) throw new TypeError(answer.failure.message);
    return answer.value.map(({ status }) => status === 'SUCCESS');
  },
});
