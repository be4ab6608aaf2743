import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '../testing/chain-pipeline.js';
import { createSeededRandom } from '../testing/seeded-random.js';
import { createRunRequest } from './create-run-request.js';

const pipeline = createChainPipeline();
const random = createSeededRandom(1);
const create = (job: Omit<Parameters<typeof createRunRequest>[0], 'bundleHash'>) =>
  createRunRequest({ bundleHash: 'sha256:1', ...job }, pipeline, { random });

describe('createRunRequest', () => {
  it('leaves the whole product to itself', () => {
    expect(create({ key: 'k' })).toEqual({
      protocol: 1,
      key: 'k',
      select: null,
      exclude: null,
      ids: null,
      checks: true,
      timeout: null,
      node_timeout: null,
      threads: null,
      retries: null,
      full_refresh: false,
      vars: {},
      traceparent: null,
      bundle_hash: 'sha256:1',
      retry_of: null,
    });
  });

  it('makes a key of its own', () => {
    expect(create({}).key).not.toBe(create({}).key);
    expect(create({}).key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['a model with its tests', { select: 'model_2' }, ['model.shop.model_2', 'test.shop.not_null_model_2_id']],
    ['a model alone', { select: 'model_2', checks: false }, ['model.shop.model_2']],
    ['all but a model', { exclude: 'model_2 model_3' }, ['model.shop.model_1', 'test.shop.not_null_model_1_id']],
    ['everything but checks', { checks: false }, ['model.shop.model_1', 'model.shop.model_2', 'model.shop.model_3']],
    ['checks alone', { select: 'resource_type:test', exclude: 'model_2 model_3' }, ['test.shop.not_null_model_1_id']],
  ])('resolves %s to exact ids', (_name, job, ids) => {
    expect(create(job).ids).toEqual(ids);
  });

  it.each([
    ['a selection of nothing', { select: 'no_such_model' }, 'SELECTION_EMPTY'],
    ['checks that are switched off', { select: 'resource_type:test', checks: false }, 'SELECTION_EMPTY'],
    ['a key with spaces', { key: 'my key' }, 'INVALID_VALUE'],
    ['no time', { timeout: 0 }, 'INVALID_VALUE'],
    ['half a thread', { threads: 1.5 }, 'INVALID_VALUE'],
    ['fewer than no retries', { retries: -1 }, 'INVALID_VALUE'],
  ])('refuses %s', (_name, job, code) => {
    expect(() => create(job)).toThrow(expect.objectContaining({ code }));
  });

  it('tells of parts that match nothing', () => {
    const warnings: string[] = [];
    createRunRequest({ bundleHash: null, select: 'model_1 no_such_model' }, pipeline, {
      random,
      warn: ({ code }) => warnings.push(code),
    });
    expect(warnings).toHaveLength(1);
  });
});
