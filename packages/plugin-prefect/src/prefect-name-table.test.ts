import { describe, expect, it } from '@jest/globals';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { buildNameTable, type NameTable } from './prefect-name-table.js';

function tableOf(parts: ExampleOrchestration): NameTable {
  return buildNameTable(requirePipeline(exampleArtifacts(parts)));
}

describe('buildNameTable', () => {
  it('names assets, sources, exposures and checks', () => {
    const table = tableOf({
      nodes: [{ unique_id: 'model.shop.orders' }, { unique_id: 'model.shop.dim.v2' }],
      sources: [
        { unique_id: 'source.shop.erp.raw' },
        { unique_id: 'source.shop.crm.customers', asset: 'crm/customers' },
      ],
      exposures: [{ unique_id: 'exposure.shop.board', parents: ['model.shop.orders'] }],
      checks: [
        { unique_id: 'test.shop.unique', parents: ['model.shop.orders'], attached_to: 'model.shop.orders' },
        { unique_id: 'test.shop.alone' },
      ],
    });
    expect(table.problems).toEqual([]);
    const key = (id: string): string | undefined => table.keys.get(id)?.replace(/^floe:\/\/[^/]+\//u, '');
    expect(key('model.shop.orders')).toBe('shop/orders');
    expect(key('model.shop.dim.v2')).toBe('shop/dim.v2');
    expect(key('source.shop.erp.raw')).toBe('shop/erp/raw');
    expect(key('source.shop.crm.customers')).toBe('crm/customers');
    expect(table.keys.has('exposure.shop.board')).toBe(true);
    expect(table.checks.get('test.shop.unique')).toBe(`${table.keys.get('model.shop.orders') ?? ''}#unique`);
    expect(table.checks.get('test.shop.alone')).toMatch(/^floe:\/\/[^/]+\/shop#alone$/u);
  });

  it('takes a key from meta.prefect', () => {
    const { keys } = tableOf({ nodes: [{ unique_id: 'model.shop.a', key_overrides: { prefect: ['x', 'y'] } }] });
    expect(keys.get('model.shop.a')).toMatch(/^floe:\/\/[^/]+\/x\/y$/u);
  });

  it('finds two checks of an asset with one name', () => {
    const check = { name: 'same', parents: ['model.shop.a'], attached_to: 'model.shop.a' };
    const { problems } = tableOf({
      nodes: [{ unique_id: 'model.shop.a' }],
      checks: [
        { unique_id: 'test.shop.same.1', ...check, file: 'models/one.yml' },
        { unique_id: 'test.shop.same.2', ...check, file: 'models/two.yml' },
      ],
    });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'NAME_COLLISION',
        location: { file: 'models/two.yml', node: 'test.shop.same.2' },
        resolution: expect.stringContaining('models/one.yml'),
      }),
    ]);
  });

  it('refuses keys that are too long', () => {
    const name = 'x'.repeat(510);
    const { problems } = tableOf({ nodes: [{ unique_id: `model.shop.${name}` }] });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'NAME_NOT_ALLOWED',
        location: { file: `models/${name}.sql`, node: `model.shop.${name}` },
      }),
    ]);
  });

  it('lets several sources be one asset of another product', () => {
    const { problems } = tableOf({
      nodes: [{ unique_id: 'model.shop.orders' }],
      sources: [
        { unique_id: 'source.shop.a.customers', asset: 'crm/customers' },
        { unique_id: 'source.shop.b.customers', asset: 'crm/customers' },
      ],
    });
    expect(problems).toEqual([]);
  });
});
