import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatLocation } from '../errors/problem.js';
import { readProductSpec } from './product-spec.js';

const head = `apiVersion: floe.dev/v1
kind: FloeSpec
metadata:
  name: shop
  version: 1.0.0
`;

function findings(text: string): string[] {
  return readProductSpec(text, 'floe.yaml').problems.map(
    (problem) => `${problem.severity} ${problem.code} ${formatLocation(problem.location ?? {})}`,
  );
}

function resolutions(text: string): string {
  return readProductSpec(text, 'floe.yaml')
    .problems.map((problem) => `${problem.message} ${problem.resolution}`)
    .join('\n');
}

describe('readProductSpec', () => {
  it('reads the smallest file', () => {
    const { document, problems } = readProductSpec(head, 'floe.yaml');
    expect(problems).toEqual([]);
    expect(document?.value.metadata).toEqual({ name: 'shop', version: '1.0.0' });
    expect(document?.value.transforms).toBeUndefined();
  });

  it('reads every section', () => {
    const { document, problems } = readProductSpec(
      `${head}  description: A shop.
  owner: team:shop
  labels: {domain: retail, token: env:LABEL}
platform: {manifest: ../manifest.yaml}
dbt: {project_dir: dbt, vars: {since: 2026-01-01}}
transforms:
  - name: orders
    tags: [core]
    tier: gold
    dependsOn: [stg_orders]
    qualityChecks:
      - {name: complete, type: not_null, column: id, dimension: completeness}
schedule: {cron: '0 8 * * *'}
schedules:
  - {name: hourly, cron: '5 * * * *', timezone: Europe/Berlin, enabled: false, select: +orders, exclude: 'tag:slow'}
sensors:
  - {name: after_other, type: product_succeeded, product: other}
  - {name: on_asset, type: asset_updated, asset: other/orders, interval: 30}
  - {name: on_file, type: file_changed, path: /data/in.csv}
  - {name: on_web, type: http_ready, url: 'https://example.com/ready'}
execution:
  timeout: 900
  node_timeout: 60
  threads: 2
  retries: {max: 2, data_errors: true}
  on_busy: skip
  dbt: {python: /opt/dbt/bin/python}
outputPorts:
  - name: orders
    schema: [{name: id, type: integer, primaryKey: true}]
destinations:
  - {name: crm, sink_type: rest, connection_secret_ref: env:CRM, config: {batch: 10}}
`,
      'floe.yaml',
    );
    expect(problems).toEqual([]);
    const spec = document?.value;
    expect(spec?.schedule).toEqual({ cron: '0 8 * * *', timezone: 'UTC', enabled: true });
    expect(spec?.sensors?.map((sensor) => [sensor.type, sensor.interval, sensor.enabled])).toEqual([
      ['product_succeeded', 60, true],
      ['asset_updated', 30, true],
      ['file_changed', 60, true],
      ['http_ready', 60, true],
    ]);
    expect(spec?.outputPorts?.[0]?.schema[0]).toMatchObject({ name: 'id', primaryKey: true, required: false });
  });

  it('takes the spellings of the Python floe', () => {
    const text = `api_version: floe.dev/v1
kind: FloeSpec
metadata: {name: shop, version: 1.0.0}
transforms:
  - name: orders
    depends_on: [stg_orders]
    quality_checks: []
`;
    const { document, problems } = readProductSpec(text, 'floe.yaml');
    expect(problems).toEqual([]);
    expect(document?.value.transforms?.[0]?.dependsOn).toEqual(['stg_orders']);
    expect(document?.locator.locate(['transforms', 0, 'dependsOn', 0])).toMatchObject({ line: 6, column: 18 });
  });

  it.each<[string, string, string[]]>([
    ['an empty file', '', ['error MISSING_VALUE floe.yaml:1:1']],
    ['a list', '- a\n', ['error INVALID_VALUE floe.yaml:1:1']],
    ['broken YAML', `${head}transforms: [\n`, ['error YAML_SYNTAX floe.yaml:7:1']],
    ['a tab', `${head}transforms:\n\t- name: a\n`, ['error YAML_SYNTAX floe.yaml:7:1']],
    ['a duplicate key', `${head}kind: FloeSpec\n`, ['error YAML_SYNTAX floe.yaml:6:1']],
    ['two documents', `${head}---\n${head}`, ['error YAML_SYNTAX floe.yaml:6:1']],
    ['a missing name', head.replace('  name: shop\n', ''), ['error MISSING_VALUE floe.yaml:4:3 (metadata.name)']],
    ['a bad name', head.replace('shop', 'Shop_1'), ['error INVALID_VALUE floe.yaml:4:9 (metadata.name)']],
    ['a numeric version', head.replace('1.0.0', '1.0'), ['error INVALID_VALUE floe.yaml:5:12 (metadata.version)']],
    ['another kind', head.replace('FloeSpec', 'DataProduct'), ['error INVALID_VALUE floe.yaml:2:7 (kind)']],
    ['an unknown key at the top', `${head}orchestrator: dagster\n`, ['error UNKNOWN_KEY floe.yaml:6:1 (orchestrator)']],
    [
      'an unknown key in a transform',
      `${head}transforms:\n  - name: a\n    dependson: [b]\n`,
      ['error UNKNOWN_KEY floe.yaml:8:5 (transforms[0].dependson)'],
    ],
    [
      'two transforms of one name',
      `${head}transforms:\n  - name: a\n  - name: a\n`,
      ['error DUPLICATE_NAME floe.yaml:8:11 (transforms[1].name)'],
    ],
    [
      'two schedules of one name',
      `${head}schedules:\n  - {name: a, cron: '* * * * *'}\n  - {name: a, cron: '* * * * *'}\n`,
      ['error DUPLICATE_NAME floe.yaml:8:12 (schedules[1].name)'],
    ],
    [
      'an unknown tier',
      `${head}transforms: [{name: a, tier: platinum}]\n`,
      ['error INVALID_VALUE floe.yaml:6:30 (transforms[0].tier)'],
    ],
    [
      'a schedule without cron',
      `${head}schedules: [{name: a}]\n`,
      ['error MISSING_VALUE floe.yaml:6:13 (schedules[0].cron)'],
    ],
    [
      'an unknown sensor',
      `${head}sensors: [{name: a, type: moon}]\n`,
      ['error INVALID_VALUE floe.yaml:6:27 (sensors[0].type)'],
    ],
    [
      'a sensor of another kind',
      `${head}sensors: [{name: a, type: http_ready, product: b}]\n`,
      ['error MISSING_VALUE floe.yaml:6:11 (sensors[0].url)', 'error UNKNOWN_KEY floe.yaml:6:39 (sensors[0].product)'],
    ],
    [
      'a too short interval',
      `${head}sensors: [{name: a, type: file_changed, path: /a, interval: 5}]\n`,
      ['error INVALID_VALUE floe.yaml:6:61 (sensors[0].interval)'],
    ],
    [
      'a negative timeout',
      `${head}execution: {timeout: -1}\n`,
      ['error INVALID_VALUE floe.yaml:6:22 (execution.timeout)'],
    ],
    [
      'a mistyped execution key',
      `${head}execution: {retries: {maximum: 1}}\n`,
      ['error UNKNOWN_KEY floe.yaml:6:23 (execution.retries.maximum)'],
    ],
    [
      'a connection setting',
      `${head}destinations:\n  - {name: a, sink_type: b, connection_secret_ref: c, config: {host: d}}\n`,
      ['error UNKNOWN_KEY floe.yaml:7:64 (destinations[0].config.host)'],
    ],
    [
      'a secret',
      `${head}destinations:\n  - {name: a, sink_type: b, connection_secret_ref: c, config: {client_secret: d}}\n`,
      ['error SECRET_IN_PLAIN_TEXT floe.yaml:7:79 (destinations[0].config.client_secret)'],
    ],
  ])('refuses %s', (_name, text, expected) => {
    expect(findings(text)).toEqual(expected);
    expect(readProductSpec(text, 'floe.yaml').document).toBeUndefined();
  });

  it('says what was meant', () => {
    expect(resolutions(`${head}transforms:\n  - name: a\n    dependson: [b]\n`)).toContain('Did you mean "dependsOn"?');
    expect(resolutions(`${head}shedule: {}\n`)).toContain('Did you mean "schedule"?');
    expect(resolutions(`${head}execution: {retries: {maxx: 1}}\n`)).toContain('Did you mean "max"?');
    expect(resolutions(`${head}sensors: [{name: a, type: http_ready, uri: x}]\n`)).toContain('Did you mean "url"?');
    expect(resolutions(`${head}transforms: [{name: a, tier: platinum}]\n`)).toContain('bronze, silver, gold');
  });

  it('allows the word schema where it is needed', () => {
    expect(findings(`${head}outputPorts:\n  - name: a\n    schema: [{name: token, type: text}]\n`)).toEqual([]);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { document, problems } = readProductSpec(text, 'floe.yaml');
        expect(document === undefined).toBe(problems.some((problem) => problem.severity === 'error'));
      }),
    );
  });

  it('gives every finding a line and a column', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('apiVersion', 'kind', 'metadata', 'transforms', 'schedules', 'sensors', 'execution', 'x'),
          value,
        ),
        (data) => {
          for (const problem of readProductSpec(JSON.stringify(data, null, 1), 'floe.yaml').problems) {
            expect(problem.location).toMatchObject({
              file: 'floe.yaml',
              line: expect.any(Number),
              column: expect.any(Number),
            });
          }
        },
      ),
    );
  });
});
