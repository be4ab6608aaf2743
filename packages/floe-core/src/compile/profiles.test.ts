import { describe, expect, it } from '@jest/globals';
import { formatLocation } from '../errors/problem.js';
import { readPlatformManifest } from '../manifest/platform-manifest.js';
import { generateProfiles } from './profiles.js';

function generate(compute: string) {
  const text = `apiVersion: floe.dev/v1
kind: Manifest
metadata: {name: acme, version: 1.0.0, owner: platform}
plugins:
  compute: ${compute}
`;
  const { document, problems } = readPlatformManifest(text, 'manifest.yaml');
  const selection = document?.value.plugins.compute;
  if (document === undefined || !selection) throw new Error(JSON.stringify(problems));
  const generated = generateProfiles({
    profile: 'shop',
    target: 'prod',
    productName: 'web-shop',
    compute: selection,
    locator: document.locator,
    threads: 4,
  });
  return {
    output: generated.profiles.shop?.outputs.prod,
    target: generated.profiles.shop?.target,
    findings: generated.problems.map(
      (problem) => `${problem.severity} ${problem.code} ${formatLocation(problem.location ?? {})}`,
    ),
  };
}

describe('generateProfiles', () => {
  it('puts a DuckDB file into the data folder', () => {
    expect(generate('{type: duckdb}')).toEqual({
      target: 'prod',
      output: { type: 'duckdb', path: "{{ env_var('FLOE_DATA_DIR') }}/web_shop.duckdb", schema: 'main', threads: 4 },
      findings: [],
    });
  });

  it.each([
    ['./a/{product_slug}.duckdb', "{{ env_var('FLOE_DATA_DIR') }}/a/web_shop.duckdb"],
    ['{product_name}.duckdb', "{{ env_var('FLOE_DATA_DIR') }}/web-shop.duckdb"],
    ['/data/{product_slug}.duckdb', '/data/web_shop.duckdb'],
    ['md:shop', 'md:shop'],
    ["{{ env_var('DUCKDB_FILE') }}", "{{ env_var('DUCKDB_FILE') }}"],
  ])('writes the path %s as %s', (path, expected) => {
    expect(generate(`{type: duckdb, config: {path: "${path}"}}`).output).toMatchObject({ path: expected });
  });

  it('takes the settings of DuckDB', () => {
    expect(
      generate(
        '{type: duckdb, config: {threads: 8, memory_limit: 2GB, schema: raw, extensions: [json], settings: {TimeZone: UTC}}}',
      ).output,
    ).toEqual({
      type: 'duckdb',
      path: "{{ env_var('FLOE_DATA_DIR') }}/web_shop.duckdb",
      schema: 'raw',
      extensions: ['json'],
      threads: 8,
      settings: { TimeZone: 'UTC', memory_limit: '2GB' },
    });
  });

  it('takes secrets of PostgreSQL from the environment', () => {
    const compute = `{type: postgres, config: {host: db, port: env:PGPORT, user: env:PGUSER, password: env:PGPASSWORD, dbname: dwh, sslmode: require}}`;
    expect(generate(compute)).toEqual({
      target: 'prod',
      output: {
        type: 'postgres',
        host: 'db',
        port: "{{ env_var('PGPORT') | as_number }}",
        user: "{{ env_var('PGUSER') }}",
        password: "{{ env_var('PGPASSWORD') }}",
        dbname: 'dwh',
        schema: 'public',
        sslmode: 'require',
        threads: 4,
      },
      findings: [],
    });
  });

  it('passes other adapters through', () => {
    expect(generate('{type: snowflake, config: {account: a, password: env:SNOW}}').output).toEqual({
      type: 'snowflake',
      account: 'a',
      password: "{{ env_var('SNOW') }}",
      threads: 4,
    });
  });

  it.each<[string, string, string[]]>([
    [
      'a path that leaves the data folder',
      '{type: duckdb, config: {path: ../a.duckdb}}',
      ['error INVALID_VALUE manifest.yaml:5:42 (plugins.compute.config.path)'],
    ],
    [
      'data that does not stay',
      "{type: duckdb, config: {path: ':memory:'}}",
      ['warning INVALID_VALUE manifest.yaml:5:42 (plugins.compute.config.path)'],
    ],
    [
      'secrets that dbt cannot read',
      '{type: postgres, config: {host: a, user: b, dbname: c, password: "file:/run/secret"}}',
      ['error INVALID_VALUE manifest.yaml:5:77 (plugins.compute.config.password)'],
    ],
    [
      'an incomplete PostgreSQL',
      '{type: postgres, config: {host: a, user: b}}',
      [
        'error MISSING_VALUE manifest.yaml:5:37 (plugins.compute.config.password)',
        'error MISSING_VALUE manifest.yaml:5:37 (plugins.compute.config.dbname)',
      ],
    ],
  ])('reports %s', (_name, compute, expected) => {
    expect(generate(compute).findings).toEqual(expected);
  });
});
