import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '../testing/chain-pipeline.js';
import { describeNode, jobNameOf, planNodes } from './planned-nodes.js';

const pipeline = createChainPipeline({ models: 2 });
const [first, second] = ['model.shop.model_1', 'model.shop.model_2'];
const tests = ['test.shop.not_null_model_1_id', 'test.shop.not_null_model_2_id'];

describe('planNodes', () => {
  it.each([
    ['the whole product', { ids: null, checks: true }, false, [first, second, ...tests]],
    ['the product without checks', { ids: null, checks: false }, false, [first, second]],
    ['a part', { ids: [second, tests[1] ?? ''], checks: true }, false, [second, tests[1]]],
    ['a part without checks', { ids: [second, tests[1] ?? ''], checks: false }, false, [second]],
    ['a run that planned itself', { ids: null, checks: true }, true, null],
    ['a repeated part', { ids: [second], checks: true }, true, [second]],
  ])('expects %s', (_name, request, selfPlanned, expected) => {
    expect(planNodes(pipeline, request, selfPlanned).expected).toEqual(expected);
  });
});

describe('describeNode', () => {
  it('describes nodes of the pipeline and others', () => {
    const planned = planNodes(pipeline, { ids: null, checks: true }, false);
    expect(describeNode(planned, first)).toEqual({
      id: first,
      name: 'model_1',
      kind: 'model',
      file: 'models/model_1.sql',
    });
    expect(describeNode(planned, 'snapshot.other.history')).toMatchObject({
      name: 'history',
      kind: 'snapshot',
      file: null,
    });
    expect(describeNode(planned, 'odd')).toMatchObject({ name: 'odd', kind: 'odd', file: null });
  });
});

describe('jobNameOf', () => {
  it('finds the job with the same nodes', () => {
    const part = { name: 'nightly', select: 'model_1', exclude: null, assets: [first], checks: [] };
    const withJob = { ...pipeline, jobs: [...pipeline.jobs, part] };
    expect(jobNameOf(withJob, { ids: null })).toBe('shop');
    expect(jobNameOf(withJob, { ids: [first] })).toBe('nightly');
    expect(jobNameOf(withJob, { ids: [second] })).toBe('shop');
  });
});
