import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { dagAnswer, type Dag } from './airflow-answers.js';
import { buildDefinitions } from './airflow-definitions.js';
import { edgesOfDocumentation } from './airflow-deployed-state.js';
import { findDrift, plannedState, type DeployedState } from './airflow-drift.js';

const definitions = buildDefinitions(
  requirePipeline(
    exampleArtifacts({
      nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.b' }],
      edges: [['model.shop.a', 'model.shop.b']],
      schedules: [{ name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Berlin' }],
      sensors: [{ name: 'file', type: 'file_changed', path: 'x.csv', interval: 30, enabled: false }],
    }),
  ),
  [],
);
const planned = plannedState(definitions);

function dag(id: string, more: Readonly<Record<string, unknown>> = {}): [string, Dag] {
  return [id, dagAnswer.parse({ dag_id: id, is_paused: false, max_active_runs: 1, ...more })];
}

const deployed: DeployedState = {
  dags: new Map([
    dag('shop'),
    dag('shop.schedule.daily', { timetable_summary: '0 6 * * *' }),
    dag('shop.sensor.file', { is_paused: true }),
  ]),
  tasks: { names: planned.tasks, edges: [['shop/a', 'shop/b']] },
  assets: [...planned.assets].map(([name, uri]) => ({ name, uri })),
};

describe('findDrift', () => {
  it('finds nothing when all is as planned', () => {
    expect(findDrift(definitions, planned, deployed)).toEqual([]);
  });

  it.each<[string, Partial<DeployedState>]>([
    [
      'DAG shop.sensor.file is planned, but Airflow does not show it',
      { dags: new Map([...deployed.dags].slice(0, 2)) },
    ],
    [
      'DAG shop.schedule.gone is shown by Airflow, but not planned',
      { dags: new Map([...deployed.dags, dag('shop.schedule.gone')]) },
    ],
    [
      'schedule shop.schedule.daily is off at Airflow, planned is on',
      { dags: new Map([...deployed.dags, dag('shop.schedule.daily', { is_paused: true })]) },
    ],
    [
      'shop.schedule.daily has "0 7 * * *" at Airflow, planned is "0 6 * * *"',
      { dags: new Map([...deployed.dags, dag('shop.schedule.daily', { timetable_summary: '0 7 * * *' })]) },
    ],
    [
      'shop may have 16 runs at once at Airflow, planned is 1',
      { dags: new Map([...deployed.dags, dag('shop', { max_active_runs: 16 })]) },
    ],
    [
      'task verdict is planned, but Airflow does not show it',
      { tasks: { names: new Set(['build']), edges: deployed.tasks.edges } },
    ],
    [
      'asset shop/b is planned, but Airflow does not show it',
      { assets: deployed.assets.filter(({ name }) => name !== 'shop/b') },
    ],
    [
      'asset shop/b has the address x://y at Airflow, planned is x-floe://shop/b',
      { assets: [...deployed.assets, { name: 'shop/b', uri: 'x://y' }] },
    ],
    ['edge shop/a -> shop/b is planned, but Airflow does not show it', { tasks: { names: planned.tasks, edges: [] } }],
  ])('%s', (sentence, change) => {
    expect(findDrift(definitions, planned, { ...deployed, ...change })).toEqual([sentence]);
  });

  it('passes over the DAG of a trigger that was taken away and is switched off', () => {
    const dags = new Map([...deployed.dags, dag('shop.sensor.old', { is_paused: true })]);
    expect(findDrift(definitions, planned, { ...deployed, dags })).toEqual([]);
  });
});

describe('edgesOfDocumentation', () => {
  it('reads the table of assets', () => {
    const text = '| asset | made from |\n|---|---|\n| `shop/a` |  |\n| `shop/b` | `shop/a` `raw/x` |';
    expect(edgesOfDocumentation(text)).toEqual([
      ['shop/a', 'shop/b'],
      ['raw/x', 'shop/b'],
    ]);
  });
});
