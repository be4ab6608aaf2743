import { describe, expect, it } from '@jest/globals';
import { officialSchemas } from '../../tests/lineage/official-schemas.js';
import { requirePipeline } from '../pipeline/to-pipeline.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { lineageProblems } from '../testing/lineage-problems.js';
import { designEvents } from './design-events.js';
import { lineageEventSchema } from './lineage-event.js';

const pipeline = requirePipeline(
  exampleArtifacts({
    nodes: [
      { unique_id: 'seed.shop.raw' },
      {
        unique_id: 'model.shop.orders',
        description: 'One row an order.',
        columns: [{ name: 'id', data_type: 'integer', description: '' }],
      },
      { unique_id: 'model.shop.hidden', materialized: 'ephemeral', relation: null },
      { unique_id: 'model.shop.behind' },
    ],
    sources: [{ unique_id: 'source.shop.erp.raw', relation: { database: 'db', schema: 'main', identifier: 'raw' } }],
    edges: [
      ['seed.shop.raw', 'model.shop.orders'],
      ['source.shop.erp.raw', 'model.shop.orders'],
      ['model.shop.orders', 'model.shop.hidden'],
      ['model.shop.hidden', 'model.shop.behind'],
    ],
  }),
);
const events = designEvents({
  pipeline,
  namespace: 'shop',
  datasetNamespace: 'duckdb://local/dev/shop',
  at: '2026-01-02T03:04:05Z',
});
const named = (name: string) => events.find((event) => event.job.name === name);

describe('designEvents', () => {
  it('has a job for each model, seed and snapshot, with the names that runs use', () => {
    expect(events.map(({ job }) => job.name).sort()).toEqual([
      'model.shop.behind',
      'model.shop.orders',
      'seed.shop.raw',
    ]);
  });

  it('keeps every edge: from seeds, through ephemeral models; a seed and the source of its table are one', () => {
    expect(named('model.shop.orders')?.inputs).toEqual([{ namespace: 'duckdb://local/dev/shop', name: 'db.main.raw' }]);
    expect(named('model.shop.behind')?.inputs.map(({ name }) => name)).toEqual(['db.main.orders']);
  });

  it('has columns and descriptions', () => {
    expect(named('model.shop.orders')?.outputs[0]?.facets?.schema).toMatchObject({
      fields: [{ name: 'id', type: 'integer' }],
    });
    expect(named('model.shop.orders')?.job.facets?.documentation).toMatchObject({ description: 'One row an order.' });
  });

  it('is valid against the official schemas and its own', () => {
    const validate = officialSchemas();
    expect(events.flatMap((event) => lineageProblems(event, validate))).toEqual([]);
    for (const event of events) expect(lineageEventSchema.safeParse(event).error).toBeUndefined();
  });
});
