import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { plannedIds } from './airflow-planned-ids.js';

const pipeline = requirePipeline(
  exampleArtifacts({
    nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.b' }],
    edges: [['model.shop.a', 'model.shop.b']],
    checks: [{ unique_id: 'test.shop.t', parents: ['model.shop.a'] }],
    schedules: [{ name: 'daily', cron: '0 6 * * *', select: 'b' }],
  }),
);
const request = { protocol: 1, key: 'k' };

describe('plannedIds', () => {
  it.each([
    ['all without a conf', {}, ['model.shop.a', 'model.shop.b', 'test.shop.t']],
    ['all that is no check', { floe: { ...request, checks: false } }, ['model.shop.a', 'model.shop.b']],
    [
      'those of the request that still exist',
      { floe: { ...request, ids: ['model.shop.b', 'model.shop.gone'] } },
      ['model.shop.b'],
    ],
    [
      'those of the job',
      { floe: request, floe_job: pipeline.jobs.find(({ assets }) => assets.length === 1)?.name },
      ['model.shop.b'],
    ],
    ['all for a conf of somebody else', { floe: 'x', floe_job: 7 }, ['model.shop.a', 'model.shop.b', 'test.shop.t']],
  ])('%s', (_name, conf, ids) => {
    expect(plannedIds(conf, pipeline)).toEqual(ids);
  });
});
