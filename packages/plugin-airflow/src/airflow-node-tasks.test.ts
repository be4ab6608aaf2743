import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import fc from 'fast-check';
import { buildDefinitions, type Appearance } from './airflow-definitions.js';
import { buildTasks, nodeTaskLimit, taskIdOf } from './airflow-node-tasks.js';

const product: ExampleOrchestration = {
  nodes: [{ unique_id: 'seed.shop.raw' }, { unique_id: 'model.shop.orders' }, { unique_id: 'model.shop.daily.v2' }],
  sources: [{ unique_id: 'source.shop.erp.raw', seed: 'seed.shop.raw' }],
  edges: [
    ['source.shop.erp.raw', 'model.shop.orders'],
    ['model.shop.orders', 'model.shop.daily.v2'],
  ],
  checks: [
    { unique_id: 'test.shop.alone' },
    { unique_id: 'test.shop.both', parents: ['model.shop.orders', 'model.shop.daily.v2'] },
    { unique_id: 'test.shop.of_daily', parents: ['model.shop.daily.v2'], attached_to: 'model.shop.daily.v2' },
    { unique_id: 'test.shop.of_source', parents: ['source.shop.erp.raw'] },
  ],
};

function pipelineOf(parts: ExampleOrchestration): ReturnType<typeof requirePipeline> {
  return requirePipeline(exampleArtifacts(parts));
}

describe('buildTasks', () => {
  const pipeline = pipelineOf(product);
  const tasks = buildTasks(pipeline);

  it('has a task for each asset, with the tests that belong to it', () => {
    const checks = Object.fromEntries(
      tasks.map(({ id, checks: indices }) => [id, indices.map((index) => pipeline.checks[index]?.id)]),
    );
    expect(Object.keys(checks)).toEqual(pipeline.assets.map(({ id }) => id));
    expect(checks['model.shop.daily.v2']).toContain('test.shop.of_daily');
    const folded = Object.values(checks).flat();
    expect(folded).toContain('test.shop.both');
    expect(folded).not.toContain('test.shop.alone');
    expect(folded).not.toContain('test.shop.of_source');
    expect(new Set(folded).size).toBe(folded.length);
    expect(tasks.map(({ title }) => title)).toContain('daily.v2');
  });

  it('keeps the order of the assets: what is read comes first, also the seed of a source', () => {
    const upstream = Object.fromEntries(
      tasks.map(({ id, upstream: indices }) => [id, indices.map((index) => tasks[index]?.id)]),
    );
    expect(upstream).toEqual({
      'seed.shop.raw': [],
      'model.shop.orders': ['seed.shop.raw'],
      'model.shop.daily.v2': ['model.shop.orders'],
    });
  });
});

describe('taskIdOf', () => {
  it('is the unique_id, in the letters and the length that Airflow takes', () => {
    expect(taskIdOf('model.shop.stg_orders')).toBe('model.shop.stg_orders');
    expect(taskIdOf('model.shop.Größe')).toBe('model.shop.Gr.uf6..udf.e');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 }), (text) => {
        const id = taskIdOf(`model.shop.${text}`);
        expect(id).toMatch(/^[\w.-]+$/u);
        expect(id.length).toBeLessThanOrEqual(250);
      }),
    );
  });

  it('keeps long names apart', () => {
    expect(taskIdOf(`model.shop.${'x'.repeat(300)}a`)).not.toBe(taskIdOf(`model.shop.${'x'.repeat(300)}b`));
  });
});

describe('the granularity of a product', () => {
  const statusUrl = 'file:///shared/status';
  const large = {
    nodes: Array.from({ length: nodeTaskLimit + 1 }, (_, index) => ({ unique_id: `model.shop.m${index}` })),
  };

  function granularityOf(parts: ExampleOrchestration, appearance: Appearance): unknown {
    const { files } = buildDefinitions(pipelineOf(parts), [], appearance);
    return (JSON.parse(files.find(({ path }) => path === 'airflow.json')?.content ?? '') as Record<string, unknown>)
      .granularity;
  }

  it.each<[string, ExampleOrchestration, Appearance, string]>([
    ['a place for states', product, { granularity: 'auto', statusUrl }, 'node'],
    ['no place for states', product, { granularity: 'auto' }, 'build'],
    ['many assets', large, { granularity: 'auto', statusUrl }, 'build'],
    ['the wish for one task', product, { granularity: 'build', statusUrl }, 'build'],
    ['the wish for tasks', product, { granularity: 'node', statusUrl }, 'node'],
  ])('follows %s', (_, parts, appearance, expected) => {
    expect(granularityOf(parts, appearance)).toBe(expected);
  });

  it.each<[string, ExampleOrchestration, Appearance, string]>([
    ['without a place for states', product, { granularity: 'node' }, 'status_url'],
    ['for many assets', large, { granularity: 'node', statusUrl }, `${nodeTaskLimit + 1} assets`],
  ])('is refused %s, in a sentence', (_, parts, appearance, reason) => {
    expect(() => granularityOf(parts, appearance)).toThrow(
      expect.objectContaining({ code: 'INVALID_VALUE', message: expect.stringContaining(reason) }),
    );
  });
});
