import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '../pipeline/to-pipeline.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { writePipelineDocument } from './pipeline-document.js';

const parts = {
  nodes: [
    { unique_id: 'model.shop.b', materialized: 'view', relation: null },
    { unique_id: 'model.shop.a' },
    { unique_id: 'seed.shop.z' },
  ],
  sources: [{ unique_id: 'source.shop.raw.z', seed: 'seed.shop.z' }],
  checks: [
    {
      unique_id: 'test.shop.t',
      parents: ['model.shop.a', 'model.shop.b'],
      attached_to: 'model.shop.b',
      severity: 'warn',
    },
    { unique_id: 'unit_test.shop.u', parents: ['model.shop.a'] },
  ],
  edges: [
    ['source.shop.raw.z', 'model.shop.b'],
    ['model.shop.b', 'model.shop.a'],
  ],
} as const;

const folders = { projectDirectory: 'dbt/shop', profilesDirectory: 'profiles' };

describe('writePipelineDocument', () => {
  it('is what the Python runtime reads, compact and sorted', () => {
    const text = writePipelineDocument(requirePipeline(exampleArtifacts(parts)), folders);
    expect(text.split('\n')).toEqual([expect.any(String), '']);
    expect(JSON.parse(text)).toEqual({
      schema: 1,
      product: { name: 'shop', version: '1.0.0', environment: 'dev', platform: 'default' },
      dbt: {
        project_name: 'shop',
        profile: 'shop',
        target: 'dev',
        adapter: 'duckdb',
        vars: {},
        project_dir: 'dbt/shop',
        profiles_dir: 'profiles',
      },
      nodes: [
        {
          id: 'model.shop.a',
          kind: 'model',
          name: 'a',
          materialized: 'table',
          relation: ['db', 'main', 'a'],
          upstream: ['model.shop.b'],
        },
        {
          id: 'model.shop.b',
          kind: 'model',
          name: 'b',
          materialized: 'view',
          relation: null,
          upstream: ['seed.shop.z', 'source.shop.raw.z'],
        },
        {
          id: 'seed.shop.z',
          kind: 'seed',
          name: 'z',
          materialized: 'seed',
          relation: ['db', 'main', 'z'],
          upstream: [],
        },
      ],
      checks: [
        {
          id: 'test.shop.t',
          name: 't',
          kind: 'generic',
          primary: 'model.shop.b',
          additional: ['model.shop.a'],
          severity: 'warn',
          column: null,
        },
        {
          id: 'unit_test.shop.u',
          name: 'u',
          kind: 'unit',
          primary: 'model.shop.a',
          additional: [],
          severity: 'error',
          column: null,
        },
      ],
      sources: [{ id: 'source.shop.raw.z', relation: ['db', 'raw', 'z'] }],
      seeds_first: ['seed.shop.z'],
      execution: {
        timeout: 3600,
        node_timeout: null,
        threads: 4,
        retries: { max: 0, initial_delay: 5, max_delay: 300, factor: 2, jitter: 0.2, data_errors: false },
        restarts: 0,
        dbt_python: null,
      },
    });
  });

  it('gives equal bytes for equal products, whatever the order of nodes and variables', () => {
    const one = requirePipeline(exampleArtifacts(parts));
    const other = requirePipeline(
      exampleArtifacts({ ...parts, nodes: [...parts.nodes].reverse(), checks: [...parts.checks].reverse() }),
    );
    const withVars = (vars: Record<string, unknown>, pipeline = one): string =>
      writePipelineDocument({ ...pipeline, dbt: { ...pipeline.dbt, vars } }, folders);
    expect(withVars({ b: { y: 1, x: [2, 1] }, a: null }, other)).toBe(withVars({ a: null, b: { x: [2, 1], y: 1 } }));
    expect(withVars({ a: 1 })).not.toBe(withVars({ a: 2 }));
  });
});
