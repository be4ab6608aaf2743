import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { recordedBody } from '../tests/support/prefect-recordings.js';
import { automationSchema, deploymentSchema, type Deployment } from './prefect-answers.js';
import { deploymentDifferences, isSameAutomation, lacksLabels, scheduleChanges } from './prefect-drift.js';
import type { PlannedAutomation, PlannedDeployment } from './prefect-planned-objects.js';

const deployed = recordedBody('deployment-read', deploymentSchema);

/** The plan that the recorded deployment was made from. */
function plannedLike(deployment: Deployment, change: Partial<PlannedDeployment> = {}): PlannedDeployment {
  return {
    role: 'product',
    flow: 'floe-orders',
    name: deployment.name,
    description: deployment.description ?? '',
    entrypoint: deployment.entrypoint ?? '',
    parameters: deployment.parameters,
    parameter_openapi_schema: deployment.parameter_openapi_schema,
    concurrency_limit: 1,
    concurrency_options: { collision_strategy: 'ENQUEUE' },
    job_variables: deployment.job_variables,
    tags: [...deployment.tags].reverse(),
    schedules: deployment.schedules.map(({ slug, active, schedule, parameters }) => ({
      slug: slug ?? '',
      active,
      schedule,
      parameters,
    })),
    version: deployment.version ?? '',
    pullSteps: deployment.pull_steps,
    workPool: 'floe',
    workQueue: deployment.work_queue_name ?? '',
    labels: { 'floe.managed': 'true' },
    ...change,
  };
}

describe('deploymentDifferences', () => {
  it('finds none where there is none, whatever the order of tags', () => {
    expect(deploymentDifferences(plannedLike(deployed), deployed)).toEqual({});
    expect(lacksLabels(plannedLike(deployed), deployed)).toBe(false);
  });

  it.each([
    ['version', { version: 'other' }, { version: 'other' }],
    ['description', { description: 'other' }, { description: 'other' }],
    ['entrypoint', { entrypoint: 'flow.py:flow' }, { entrypoint: 'flow.py:flow' }],
    ['limit', { concurrency_limit: 2 }, { concurrency_limit: 2 }],
    [
      'collision strategy',
      { concurrency_options: { collision_strategy: 'CANCEL_NEW' } },
      { concurrency_options: { collision_strategy: 'CANCEL_NEW' } },
    ],
    ['tags', { tags: ['floe'] }, { tags: ['floe'] }],
    ['work pool', { workPool: 'big' }, { work_pool_name: 'big', work_queue_name: 'default' }],
    ['work queue', { workQueue: 'fast' }, { work_pool_name: 'floe', work_queue_name: 'fast' }],
    [
      'job variables',
      { job_variables: { env: {} } },
      { job_variables: { env: {} }, work_pool_name: 'floe', work_queue_name: 'default' },
    ],
    ['pull steps', { pullSteps: [] }, { pull_steps: [] }],
    ['parameters', { parameters: {} }, { parameters: {} }],
  ])('finds another %s', (_, change, differences) => {
    expect(deploymentDifferences(plannedLike(deployed, change), deployed)).toEqual(differences);
  });

  it('finds a deployment that somebody paused, and lost labels', () => {
    expect(deploymentDifferences(plannedLike(deployed), { ...deployed, paused: true })).toEqual({ paused: false });
    expect(lacksLabels(plannedLike(deployed), { ...deployed, labels: {} })).toBe(true);
  });
});

describe('scheduleChanges', () => {
  const planned = plannedLike(deployed).schedules;

  it('keeps what is as planned', () => {
    expect(scheduleChanges(planned, deployed.schedules)).toEqual({ added: [], changed: [], deleted: [] });
  });

  it('changes a schedule under its id, adds and deletes by slug', () => {
    const [weekly, daily] = planned;
    if (weekly === undefined || daily === undefined) throw new TypeError('There must be two.');
    const later = { ...daily, schedule: { ...daily.schedule, cron: '0 9 * * *' } };
    const hourly = { ...weekly, slug: 'hourly' };
    const changes = scheduleChanges([later, hourly], deployed.schedules);
    const [oldWeekly, oldDaily] = deployed.schedules;
    expect(changes.added).toEqual([hourly]);
    expect(changes.changed).toEqual([{ id: oldDaily?.id, planned: later }]);
    expect(changes.deleted).toEqual([oldWeekly]);
  });

  it('deletes what has no slug or the slug of another one', () => {
    const [first] = deployed.schedules;
    if (first === undefined) throw new TypeError('There must be one.');
    const strange = [
      { ...first, id: 'twin' },
      { ...first, id: 'nameless', slug: null },
    ];
    expect(scheduleChanges(planned, [...deployed.schedules, ...strange]).deleted.map(({ id }) => id)).toEqual([
      'twin',
      'nameless',
    ]);
  });

  it('takes another writing of the same time for the same', () => {
    const interval = { interval: 60, anchor_date: '2024-01-01T00:00:00Z', timezone: 'UTC' };
    const one = { slug: 's', active: true, schedule: interval, parameters: {} };
    const other = {
      id: 'i',
      ...one,
      max_scheduled_runs: null,
      schedule: { ...interval, anchor_date: '2024-01-01T00:00:00.000000+00:00' },
    };
    expect(scheduleChanges([one], [other]).changed).toEqual([]);
    expect(scheduleChanges([{ ...one, schedule: { ...interval, interval: 90 } }], [other]).changed).toHaveLength(1);
  });
});

describe('isSameAutomation', () => {
  const recordedAutomation = recordedBody('automation-zombie', automationSchema);
  const fields = z.object({ expect: z.array(z.string()) });
  const planned: PlannedAutomation = {
    name: recordedAutomation.name,
    description: '',
    enabled: true,
    tags: [],
    trigger: {
      type: 'event',
      posture: 'Proactive',
      after: ['prefect.flow-run.heartbeat'],
      expect: fields.parse(recordedAutomation.trigger).expect.toReversed(),
      match: { 'prefect.resource.id': 'prefect.flow-run.*' },
      for_each: ['prefect.resource.id'],
      threshold: 1,
      within: 90,
    },
    actions: [{ type: 'change-flow-run-state', state: 'CRASHED', message: 'floe: no heartbeat for 90 s' }],
  };

  it('takes what Prefect adds, and another order of events, for the same', () => {
    expect(isSameAutomation(planned, recordedAutomation)).toBe(true);
  });

  it.each([
    ['a shorter time', { trigger: { ...planned.trigger, within: 60 } }],
    ['another event', { trigger: { ...planned.trigger, after: ['other'] } }],
    ['a further condition', { trigger: { ...planned.trigger, match_related: { 'prefect.resource.role': 'flow' } } }],
    ['another action', { actions: [{ type: 'do-nothing' }] }],
    ['no action', { actions: [] }],
    ['a switch', { enabled: false }],
    ['a tag', { tags: ['floe'] }],
    ['a description', { description: 'x' }],
  ])('finds %s', (_, change) => {
    expect(isSameAutomation({ ...planned, ...change }, recordedAutomation)).toBe(false);
  });

  it('finds a condition that somebody added', () => {
    const trigger = { ...recordedAutomation.trigger, match_related: { 'prefect.resource.id': 'x' } };
    expect(isSameAutomation(planned, { ...recordedAutomation, trigger })).toBe(false);
  });
});
