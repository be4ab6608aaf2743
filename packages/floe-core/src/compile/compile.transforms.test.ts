import { describe, expect, it } from '@jest/globals';
import {
  compileText,
  dbtManifestText,
  findings,
  manifestHead,
  nodeOf,
  orchestrationOf,
  type Input,
} from '../../tests/compile/compile-text.js';

describe('compile, transforms and findings', () => {
  it('lays transforms over the models and filters nothing', () => {
    const input = { spec: 'transforms: [{name: fct_revenue, tier: gold, tags: [board]}]\n' };
    expect(orchestrationOf(input).nodes).toHaveLength(9);
    expect(nodeOf(input, 'model.bakery.fct_revenue.v1')).toMatchObject({ tier: 'gold', tags: ['board', 'marts'] });
    expect(nodeOf(input, 'model.bakery.fct_revenue.v2')).toMatchObject({ tier: 'gold', tags: ['board', 'marts'] });
    expect(nodeOf(input, 'model.bakery.stg_sales')).toMatchObject({ tier: null });
  });

  it('takes declared edges that dbt has directly or further up', () => {
    expect(
      findings({ spec: 'transforms: [{name: fct_revenue, dependsOn: [int_priced, stg_sales, calendar_days]}]\n' }),
    ).toEqual([]);
  });

  it('warns once of dbt edges that are not declared', () => {
    const input = {
      spec: 'transforms:\n  - {name: fct_revenue, dependsOn: [stg_sales]}\n  - {name: int_priced, dependsOn: []}\n',
    };
    expect(findings(input)).toEqual(['warning UNDECLARED_DBT_EDGE floe.yaml:4:1 (transforms)']);
    expect(compileText(input).problems[0]?.message).toContain(
      'int_priced -> fct_revenue, calendar_days -> fct_revenue, stg_sales -> int_priced',
    );
  });

  it.each<[string, Input, string[]]>([
    [
      'an unknown model',
      { spec: 'transforms: [{name: stg_sale}]\n' },
      ['error UNKNOWN_MODEL floe.yaml:4:21 (transforms[0].name)'],
    ],
    [
      'an unknown dependency',
      { spec: 'transforms: [{name: fct_revenue, dependsOn: [int_prized]}]\n' },
      [
        'error UNKNOWN_MODEL floe.yaml:4:46 (transforms[0].dependsOn[0])',
        'warning UNDECLARED_DBT_EDGE floe.yaml:4:1 (transforms)',
      ],
    ],
    [
      'a declared edge that dbt does not have',
      { spec: 'transforms: [{name: stg_flour, dependsOn: [stg_sales]}]\n' },
      ['error UNDECLARED_DBT_EDGE floe.yaml:4:44 (transforms[0].dependsOn[0])'],
    ],
    [
      'a self-dependency',
      { spec: 'transforms: [{name: stg_sales, dependsOn: [stg_sales]}]\n' },
      ['error SELF_DEPENDENCY floe.yaml:4:44 (transforms[0].dependsOn[0])'],
    ],
    [
      'a cycle',
      { spec: 'transforms: [{name: stg_sales, dependsOn: [fct_revenue]}]\n' },
      ['error DEPENDENCY_CYCLE floe.yaml:4:44 (transforms[0].dependsOn[0])'],
    ],
    [
      'another compute',
      { spec: 'transforms: [{name: stg_sales, compute: spark}]\n' },
      ['error INVALID_VALUE floe.yaml:4:41 (transforms[0].compute)'],
    ],
    ['a manifest of another project', { project: 'brewery' }, ['error DBT_MANIFEST_MISMATCH target/manifest.json']],
    [
      'a manifest of another adapter',
      {
        manifest: manifestHead.replace(
          '{type: duckdb}',
          '{type: postgres, config: {host: a, user: b, password: env:C, dbname: d}}',
        ),
      },
      ['error DBT_MANIFEST_MISMATCH target/manifest.json'],
    ],
    ['a cut manifest', { dbt: dbtManifestText.slice(0, 400) }, ['error DBT_MANIFEST_INVALID target/manifest.json']],
    ['another JSON file', { dbt: '{"a": 1}' }, ['error DBT_MANIFEST_INVALID target/manifest.json']],
    [
      'an older manifest schema',
      { dbt: dbtManifestText.replace('manifest/v12', 'manifest/v9') },
      ['error DBT_MANIFEST_INVALID target/manifest.json'],
    ],
    [
      'no orchestrator',
      { manifest: manifestHead.replace('  orchestrator: {type: dagster}\n', '') },
      ['error MISSING_VALUE manifest.yaml:5:3 (plugins.orchestrator)'],
    ],
    [
      'no compute',
      { manifest: manifestHead.replace('  compute: {type: duckdb}\n', '') },
      ['error MISSING_VALUE manifest.yaml:5:3 (plugins.compute)'],
    ],
    [
      'a value above a limit',
      {
        spec: 'execution: {timeout: 7200, retries: {max: 9}}\n',
        manifest: 'execution: {limits: {timeout: 3600, retries: {max: 3}}}\n',
      },
      [
        'error INVALID_VALUE floe.yaml:4:22 (execution.timeout)',
        'error INVALID_VALUE floe.yaml:4:43 (execution.retries.max)',
      ],
    ],
    [
      'a default above its own limit',
      { manifest: 'execution: {defaults: {threads: 16}, limits: {threads: 8}}\n' },
      ['error INVALID_VALUE manifest.yaml:7:33 (execution.defaults.threads)'],
    ],
    [
      'an unknown preset',
      { manifest: 'resources: {web: smal}\n' },
      ['error INVALID_VALUE manifest.yaml:7:18 (resources.web)'],
    ],
    [
      'a secret that the platform does not allow',
      { spec: 'destinations: [{name: a, sink_type: rest, connection_secret_ref: env:CRM}]\n' },
      ['error SECRET_NOT_ALLOWED floe.yaml:4:66 (destinations[0].connection_secret_ref)'],
    ],
  ])('refuses %s', (_name, input, expected) => {
    expect(findings(input)).toEqual(expected);
    expect(compileText(input).artifacts).toBeUndefined();
  });

  it('names the remedy', () => {
    const problems = compileText({ spec: 'transforms: [{name: stg_flour, dependsOn: [stg_sales]}]\n' }).problems;
    expect(problems[0]?.resolution).toContain("-- depends_on: {{ ref('stg_sales') }}");
    expect(problems[0]?.resolution).toContain('models/stg_flour.sql');
    expect(compileText({ spec: 'transforms: [{name: stg_sale}]\n' }).problems[0]?.resolution).toBe(
      'Did you mean "stg_sales"?',
    );
    const limit = compileText({
      spec: 'execution: {timeout: 7200}\n',
      manifest: 'execution: {limits: {timeout: 3600}}\n',
    }).problems[0];
    expect(limit?.message).toBe('timeout is 7200, but the platform allows at most 3600 (manifest.yaml:7).');
  });
});
