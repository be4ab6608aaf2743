import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts } from '@floe/core/testing/example-artifacts';
import { buildNameTable } from './dagster-name-table.js';
import { plannedIds, toNativeSelection } from './dagster-selection.js';

const pipeline = requirePipeline(
  exampleArtifacts({
    nodes: [{ unique_id: 'model.shop.a' }, { unique_id: 'model.shop.b.v2' }],
    sources: [{ unique_id: 'source.shop.raw.x' }],
    checks: [
      { unique_id: 'test.shop.one', parents: ['model.shop.a'] },
      { unique_id: 'test.shop.of_source', parents: ['source.shop.raw.x'] },
      { unique_id: 'test.shop.alone' },
    ],
  }),
);
const names = buildNameTable(pipeline);
const all = [...pipeline.assets, ...pipeline.checks].map(({ id }) => id);

describe('toNativeSelection', () => {
  it('selects nothing by name for the whole product', () => {
    expect(toNativeSelection({ ids: null, checks: true }, pipeline, names)).toBeUndefined();
    expect(toNativeSelection({ ids: all, checks: true }, pipeline, names)).toBeUndefined();
  });

  it('names exactly the assets and checks; an empty list of checks is none, not all', () => {
    expect(toNativeSelection({ ids: ['model.shop.b.v2'], checks: true }, pipeline, names)).toEqual({
      assetSelection: [{ path: ['shop', 'b.v2'] }],
      assetCheckSelection: [],
    });
    expect(
      toNativeSelection({ ids: ['test.shop.of_source', 'test.shop.alone'], checks: true }, pipeline, names),
    ).toEqual({
      assetSelection: [],
      assetCheckSelection: [
        { assetKey: { path: ['shop'] }, name: 'alone' },
        { assetKey: { path: ['shop', 'raw', 'x'] }, name: 'of_source' },
      ],
    });
    expect(toNativeSelection({ ids: null, checks: false }, pipeline, names)?.assetSelection).toHaveLength(2);
  });
});

describe('plannedIds', () => {
  it('reads back what was selected', () => {
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1 }), (ids) => {
        const selection = toNativeSelection({ ids, checks: true }, pipeline, names) ?? {
          assetSelection: null,
          assetCheckSelection: null,
        };
        expect(plannedIds(selection, pipeline, names).sort()).toEqual([...ids].sort());
      }),
    );
  });

  it('takes the checks of the selected assets when no checks are named', () => {
    const selection = { assetSelection: [{ path: ['shop', 'a'] }], assetCheckSelection: null };
    expect(plannedIds(selection, pipeline, names)).toEqual(['model.shop.a', 'test.shop.one']);
  });

  it('leaves out what the product no longer has', () => {
    const selection = { assetSelection: [{ path: ['shop', 'gone'] }], assetCheckSelection: [] };
    expect(plannedIds(selection, pipeline, names)).toEqual([]);
  });
});
