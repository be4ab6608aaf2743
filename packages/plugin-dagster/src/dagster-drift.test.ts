import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { buildDefinitions } from './dagster-definitions.js';
import type { DeployedState, DeployedTrigger } from './dagster-deployed-state.js';
import { findDrift, plannedTriggers } from './dagster-drift.js';
import { triggerChanges } from './dagster-trigger-changes.js';

const definitions = buildDefinitions(
  requirePipeline(
    exampleArtifacts({
      nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.b' }],
      edges: [['model.shop.a', 'model.shop.b']],
      checks: [{ unique_id: 'test.shop.t', parents: ['model.shop.a'] }],
      schedules: [{ name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Berlin' }],
      sensors: [{ name: 'file', type: 'file_changed', path: 'x.csv', interval: 30, enabled: false }],
    }),
  ),
  [],
);
const planned = plannedTriggers(definitions);
const daily: DeployedTrigger = {
  name: 'daily_schedule',
  job: 'shop_job',
  running: true,
  stateId: 's',
  timing: '0 6 * * * Europe/Berlin',
};
const file: DeployedTrigger = { name: 'file_sensor', job: 'shop_job', running: false, stateId: 'f', timing: '30' };
const deployed: DeployedState = {
  jobs: new Map([
    ['__ASSET_JOB', new Map()],
    ['shop_job', new Map()],
  ]),
  schedules: [daily],
  sensors: [file],
  assets: new Set(['shop/a', 'shop/b']),
  checks: new Set(['shop/a:t']),
  edges: [
    ['shop/a', 'shop/b'],
    ['crm/raw', 'crm/customers'],
  ],
};

describe('findDrift', () => {
  it('finds nothing when all is as planned; edges of other products are not looked at', () => {
    expect(findDrift(definitions, planned, deployed)).toEqual([]);
  });

  it.each<[string, Partial<DeployedState>, string]>([
    ['a missing asset', { assets: new Set(['shop/a']) }, 'asset shop/b is planned'],
    ['a foreign asset', { assets: new Set([...deployed.assets, 'shop/c']) }, 'asset shop/c is shown'],
    ['a missing check', { checks: new Set() }, 'check shop/a:t is planned'],
    ['a missing edge', { edges: [] }, 'edge shop/a -> shop/b is planned'],
    ['another edge', { edges: [...deployed.edges, ['shop/x', 'shop/a']] }, 'edge shop/x -> shop/a is shown'],
    ['a missing job', { jobs: new Map() }, 'job shop_job is planned'],
    ['a missing schedule', { schedules: [] }, 'schedule daily_schedule is planned'],
    ['another time', { schedules: [{ ...daily, timing: '0 7 * * * UTC' }] }, '"0 7 * * * UTC"'],
    ['a schedule that is off', { schedules: [{ ...daily, running: false }] }, 'is off at Dagster'],
    ['a sensor of another job', { sensors: [{ ...file, job: 'x' }] }, 'starts x at Dagster'],
  ])('finds %s', (_name, change, text) => {
    const drift = findDrift(definitions, planned, { ...deployed, ...change });
    expect(drift).toHaveLength(1);
    expect(drift[0]).toContain(text);
  });
});

describe('triggerChanges', () => {
  it('switches only what is switched wrongly', () => {
    expect(triggerChanges(planned, deployed)).toEqual([]);
    const wrong = {
      schedules: [{ ...daily, running: false }],
      sensors: [{ ...file, running: true }],
    };
    expect(triggerChanges(planned, wrong)).toEqual([
      { action: 'start', kind: 'schedule', name: 'daily_schedule', stateId: 's' },
      { action: 'stop', kind: 'sensor', name: 'file_sensor', stateId: 'f' },
    ]);
  });
});
