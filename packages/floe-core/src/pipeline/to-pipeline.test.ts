import { describe, expect, it } from '@jest/globals';
import { FloeError } from '../errors/floe-error.js';
import { exampleArtifacts, exampleArtifactsAround, type ExampleOrchestration } from '../testing/example-artifacts.js';
import type { Pipeline } from './pipeline.js';
import { requirePipeline, toPipeline } from './to-pipeline.js';

function pipelineOf(parts: ExampleOrchestration): Pipeline {
  const { pipeline, problems } = toPipeline(exampleArtifacts(parts));
  expect(problems).toEqual([]);
  if (pipeline === undefined) throw new Error('no pipeline');
  return pipeline;
}

function problemsOf(parts: ExampleOrchestration): { code: string; message: string; file?: string; node?: string }[] {
  const { pipeline, problems } = toPipeline(exampleArtifacts(parts));
  if (problems.some((problem) => problem.severity === 'error')) expect(pipeline).toBeUndefined();
  return problems.map(({ code, message, location }) => ({
    code,
    message,
    ...(location?.file !== undefined && { file: location.file }),
    ...(location?.node !== undefined && { node: location.node }),
  }));
}

const a = { unique_id: 'model.shop.a' };
const b = { unique_id: 'model.shop.b' };
const c = { unique_id: 'model.shop.c' };
const ephemeral = { materialized: 'ephemeral' };

describe('toPipeline: graph', () => {
  it('sorts assets topologically, then by id, whatever the order of the input', () => {
    const edges = [
      ['model.shop.b', 'model.shop.a'],
      ['seed.shop.z', 'model.shop.b'],
    ] as const;
    const order = ['model.shop.c', 'seed.shop.z', 'model.shop.b', 'model.shop.a'];
    const seed = { unique_id: 'seed.shop.z' };
    expect(pipelineOf({ nodes: [a, b, c, seed], edges }).assets.map((asset) => asset.id)).toEqual(order);
    expect(pipelineOf({ nodes: [seed, c, b, a], edges }).assets.map((asset) => asset.id)).toEqual(order);
  });

  it('prints the whole path of a cycle with files, and names the first node', () => {
    const problems = problemsOf({
      nodes: [a, b, c],
      edges: [
        ['model.shop.a', 'model.shop.b'],
        ['model.shop.b', 'model.shop.c'],
        ['model.shop.c', 'model.shop.a'],
      ],
    });
    expect(problems).toEqual([
      {
        code: 'DEPENDENCY_CYCLE',
        message:
          '3 nodes depend on each other in a circle: model.shop.a (models/a.sql) → model.shop.b (models/b.sql) → ' +
          'model.shop.c (models/c.sql) → model.shop.a.',
        file: 'models/a.sql',
        node: 'model.shop.a',
      },
    ]);
  });

  it('finds a cycle of 10,000 nodes and prints only its beginning', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `model.shop.m${index}`);
    const edges = ids.map((id, index) => [id, ids[(index + 1) % ids.length] ?? ''] as const);
    const [problem, ...more] = problemsOf({ nodes: ids.map((id) => ({ unique_id: id })), edges });
    expect(more).toEqual([]);
    expect(problem?.code).toBe('DEPENDENCY_CYCLE');
    expect(problem?.message).toContain('10000 nodes');
    expect(problem?.message).toContain('… 9980 more …');
  });

  it('sorts and splices a chain of 10,000 nodes, ephemeral but for its ends', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `model.shop.m${String(index).padStart(5, '0')}`);
    const nodes = ids.map((id, index) => ({
      unique_id: id,
      materialized: index === 0 || index === ids.length - 1 ? 'table' : 'ephemeral',
    }));
    const edges = ids.slice(1).map((id, index) => [ids[index] ?? '', id] as const);
    const pipeline = pipelineOf({ nodes, edges });
    expect(pipeline.assets.map((asset) => [asset.id, asset.upstream])).toEqual([
      ['model.shop.m00000', []],
      ['model.shop.m09999', ['model.shop.m00000']],
    ]);
  });

  it('reports every self-dependency, duplicate and unknown dependency at once, with files', () => {
    const problems = problemsOf({
      nodes: [a, b, { ...b, file: 'models/other/b.sql' }],
      checks: [{ unique_id: 'test.shop.t', parents: ['model.shop.gone'] }],
      exposures: [{ unique_id: 'exposure.shop.e', parents: ['model.shop.gone'] }],
      edges: [
        ['model.shop.a', 'model.shop.a'],
        ['model.shop.missing', 'model.shop.b'],
        ['model.shop.a', 'model.shop.nowhere'],
      ],
    });
    expect(problems.map(({ code, file, node }) => [code, file, node])).toEqual([
      ['DUPLICATE_NAME', 'models/other/b.sql', 'model.shop.b'],
      ['UNKNOWN_DEPENDENCY', 'models/b.sql', 'model.shop.b'],
      ['UNKNOWN_DEPENDENCY', 'models/a.sql', 'model.shop.a'],
      ['SELF_DEPENDENCY', 'models/a.sql', 'model.shop.a'],
      ['UNKNOWN_DEPENDENCY', 'models/schema.yml', 'test.shop.t'],
      ['UNKNOWN_DEPENDENCY', 'models/exposures.yml', 'exposure.shop.e'],
    ]);
  });

  it('puts a seed before the readers of the source that it loads', () => {
    const pipeline = pipelineOf({
      nodes: [a, { unique_id: 'seed.shop.z' }],
      sources: [{ unique_id: 'source.shop.raw.z', seed: 'seed.shop.z' }],
      edges: [['source.shop.raw.z', 'model.shop.a']],
    });
    expect(pipeline.assets.map((asset) => asset.id)).toEqual(['seed.shop.z', 'model.shop.a']);
    expect(pipeline.assets[1]?.upstream).toEqual(['seed.shop.z', 'source.shop.raw.z']);
    expect(pipeline.sources[0]).toMatchObject({ key: ['shop', 'raw', 'z'], seed: 'seed.shop.z', producer: null });
  });

  it('refuses artifacts without anything to run', () => {
    expect(problemsOf({}).map((problem) => problem.code)).toEqual(['ARTIFACTS_EMPTY']);
    expect(toPipeline(exampleArtifactsAround(null)).problems.map((problem) => problem.code)).toEqual([
      'ARTIFACTS_EMPTY',
    ]);
  });

  it('throws every finding when a pipeline is required', () => {
    const artifacts = exampleArtifacts({ nodes: [a], edges: [['model.shop.a', 'model.shop.a']] });
    let thrown: unknown;
    try {
      requirePipeline(artifacts);
    } catch (error) {
      thrown = error;
    }
    expect(FloeError.isInstance(thrown) && thrown.toJSON()).toMatchObject({
      code: 'SELF_DEPENDENCY',
      message: 'models/a.sql (model.shop.a): "model.shop.a" depends on itself.',
    });
  });
});

describe('toPipeline: checks and exposures', () => {
  const base: ExampleOrchestration = {
    nodes: [a, { ...b, ...ephemeral }, c, { unique_id: 'model.shop.alone', ...ephemeral }],
    sources: [{ unique_id: 'source.shop.raw.z' }],
    edges: [
      ['model.shop.a', 'model.shop.b'],
      ['source.shop.raw.z', 'model.shop.b'],
      ['model.shop.b', 'model.shop.c'],
    ],
  };

  it.each([
    ['its attached node', ['model.shop.a', 'model.shop.c'], 'model.shop.c', 'model.shop.c', ['model.shop.a']],
    ['the first parent', ['model.shop.c', 'model.shop.a'], null, 'model.shop.a', ['model.shop.c']],
    ['a source', ['source.shop.raw.z'], 'source.shop.raw.z', 'source.shop.raw.z', []],
    ['the ancestors of an ephemeral model', ['model.shop.b'], 'model.shop.b', 'model.shop.a', ['source.shop.raw.z']],
    ['nothing without parents', [], null, null, []],
    ['nothing when the only parent reads nothing', ['model.shop.alone'], 'model.shop.alone', null, []],
  ])('a test belongs to %s', (_, parents, attached, primary, additional) => {
    const pipeline = pipelineOf({
      ...base,
      checks: [{ unique_id: 'test.shop.t', parents, attached_to: attached, severity: 'warn' }],
    });
    expect(pipeline.checks).toMatchObject([{ primary, additional, severity: 'warn', kind: 'generic' }]);
  });

  it('a unit test belongs to its model', () => {
    const checks = [{ unique_id: 'unit_test.shop.c.t', parents: ['model.shop.c'] }];
    expect(pipelineOf({ ...base, checks }).checks).toMatchObject([
      { kind: 'unit', primary: 'model.shop.c', additional: [] },
    ]);
  });

  it('an exposure is a leaf that reads through ephemeral models', () => {
    const exposures = [{ unique_id: 'exposure.shop.report', parents: ['model.shop.b', 'model.shop.c'] }];
    expect(pipelineOf({ ...base, exposures }).exposures).toMatchObject([
      {
        key: ['shop', 'exposures', 'report'],
        upstream: ['model.shop.a', 'model.shop.c', 'source.shop.raw.z'],
      },
    ]);
  });
});

describe('toPipeline: keys', () => {
  it('adds versions and the packages of others', () => {
    const pipeline = pipelineOf({
      nodes: [
        { unique_id: 'model.shop.orders.v2' },
        { unique_id: 'model.utils.dates', key_overrides: { dagster: ['legacy', 'dates'] } },
      ],
      sources: [{ unique_id: 'source.utils.raw.z' }, { unique_id: 'source.shop.other.sales', asset: 'sales/mart' }],
    });
    expect(pipeline.assets.map((asset) => asset.key)).toEqual([
      ['shop', 'orders.v2'],
      ['shop', 'utils', 'dates'],
    ]);
    expect(pipeline.assets[1]?.keyOverrides).toEqual({ dagster: ['legacy', 'dates'] });
    expect(pipeline.sources.map((source) => [source.key, source.producer])).toEqual([
      [['sales', 'mart'], 'sales/mart'],
      [['shop', 'utils', 'raw', 'z'], null],
    ]);
  });

  it('refuses two nodes with one key, and names both', () => {
    expect(problemsOf({ nodes: [{ unique_id: 'model.shop.x.v1' }, { unique_id: 'seed.shop.x.v1' }] })).toEqual([
      {
        code: 'NAME_COLLISION',
        message: 'seed.shop.x.v1 (seeds/x.csv) and model.shop.x.v1 (models/x.sql) would both be "shop/x.v1".',
        file: 'seeds/x.csv',
        node: 'seed.shop.x.v1',
      },
    ]);
  });

  it('refuses keys that the overrides for one orchestrator make equal', () => {
    const problems = problemsOf({ nodes: [{ ...a, key_overrides: { dagster: ['shop', 'b'] } }, b] });
    expect(problems).toMatchObject([{ code: 'NAME_COLLISION', node: 'model.shop.b' }]);
    expect(problems[0]?.message).toContain('meta.dagster.asset_key');
  });

  it('refuses a source that names an own asset or no asset as its producer', () => {
    const sources = [
      { unique_id: 'source.shop.raw.x', asset: 'shop/a' },
      { unique_id: 'source.shop.raw.y', asset: 'nothing' },
    ];
    expect(problemsOf({ nodes: [a], sources }).map(({ code, node }) => [code, node])).toEqual([
      ['INVALID_VALUE', 'source.shop.raw.x'],
      ['INVALID_VALUE', 'source.shop.raw.y'],
    ]);
  });
});

describe('toPipeline: jobs and triggers', () => {
  const nodes = [{ ...a, tags: ['nightly'] }, b];

  it('makes one job for each selection, the whole product first', () => {
    const pipeline = pipelineOf({
      nodes,
      checks: [{ unique_id: 'test.shop.t', parents: ['model.shop.a'] }],
      schedules: [
        { name: 'all', cron: '@daily' },
        { name: 'nightly', cron: '0 6 * * mon-fri', timezone: 'Europe/Berlin', enabled: false, select: 'tag:nightly' },
        { name: 'again', cron: '0 7 * * *', select: ' tag:nightly ' },
      ],
      sensors: [{ name: 'shop', type: 'product_succeeded', product: 'sales', exclude: 'a' }],
    });
    expect(pipeline.jobs).toEqual([
      { name: 'shop', select: null, exclude: null, assets: ['model.shop.a', 'model.shop.b'], checks: ['test.shop.t'] },
      { name: 'nightly', select: 'tag:nightly', exclude: null, assets: ['model.shop.a'], checks: ['test.shop.t'] },
      { name: 'shop_2', select: null, exclude: 'a', assets: ['model.shop.b'], checks: [] },
    ]);
    expect(pipeline.schedules).toEqual([
      { name: 'all', cron: '0 0 * * *', timezone: 'UTC', enabled: true, job: 'shop' },
      { name: 'nightly', cron: '0 6 * * MON-FRI', timezone: 'Europe/Berlin', enabled: false, job: 'nightly' },
      { name: 'again', cron: '0 7 * * *', timezone: 'UTC', enabled: true, job: 'nightly' },
    ]);
    expect(pipeline.sensors).toEqual([
      { name: 'shop', type: 'product_succeeded', product: 'sales', enabled: true, interval: 60, job: 'shop_2' },
    ]);
  });

  it('names the schedule and its key in every problem', () => {
    const problems = problemsOf({
      nodes,
      schedules: [
        { name: 'one', cron: '0 0 31 2 *', timezone: 'europe/berlin' },
        { name: 'two', cron: '@daily', select: 'nothing_here' },
        { name: 'three', cron: '@daily', exclude: 'a b' },
        { name: 'four', cron: '@daily', select: 'what:ever' },
        { name: 'one', cron: '@daily' },
      ],
      sensors: [{ name: 'two', type: 'product_succeeded', product: 'sales' }],
    });
    expect(problems.map(({ code, node }) => [code, node])).toEqual([
      ['DUPLICATE_NAME', 'schedules[one].name'],
      ['DUPLICATE_NAME', 'sensors[two].name'],
      ['CRON_INVALID', 'schedules[one].cron'],
      ['TIME_ZONE_INVALID', 'schedules[one].timezone'],
      ['SELECTION_EMPTY', 'schedules[two].select'],
      ['SELECTION_EMPTY', 'schedules[two].select'],
      ['SELECTION_EMPTY', 'schedules[three].exclude'],
      ['SELECTION_INVALID', 'schedules[four].select'],
    ]);
    expect(problems[5]?.message).toBe('Schedule "two": Nothing is selected by select "nothing_here".');
  });

  it.each([
    [{ type: 'product_succeeded', product: 'shop' }, 'product'],
    [{ type: 'product_succeeded', product: 'a b' }, 'product'],
    [{ type: 'asset_updated', asset: 'shop/a' }, 'asset'],
    [{ type: 'asset_updated', asset: 'a' }, 'asset'],
    [{ type: 'asset_updated', asset: 'a/' }, 'asset'],
    [{ type: 'file_changed', path: '../secret.csv' }, 'path'],
    [{ type: 'file_changed', path: 'a/../../b.csv' }, 'path'],
    [{ type: 'file_changed', path: 'a\\b.csv' }, 'path'],
    [{ type: 'file_changed', path: 's3://bucket/a' }, 'path'],
    [{ type: 'file_changed', path: 'folder/' }, 'path'],
    [{ type: 'file_changed', path: '~/a.csv' }, 'path'],
    [{ type: 'http_ready', url: 'host.example' }, 'url'],
    [{ type: 'http_ready', url: 'ftp://host.example/a' }, 'url'],
    [{ type: 'http_ready', url: 'https://me:hunter2@host.example/' }, 'url'],
  ])('refuses the sensor %j', (settings, key) => {
    const problems = problemsOf({ nodes, sensors: [{ name: 's', ...settings }] });
    expect(problems).toMatchObject([{ code: 'SENSOR_INVALID', node: `sensors[s].${key}` }]);
    expect(problems[0]?.message).not.toContain('hunter2');
  });

  it.each([
    { type: 'asset_updated', asset: 'sales/mart.v2' },
    { type: 'file_changed', path: '/data/in/orders.csv' },
    { type: 'file_changed', path: 'in/orders.csv' },
    { type: 'http_ready', url: 'https://host.example/ready?x=1' },
  ])('accepts the sensor %j', (settings) => {
    expect(pipelineOf({ nodes, sensors: [{ name: 's', ...settings }] }).sensors).toMatchObject([settings]);
  });

  it('carries the execution settings', () => {
    const { execution } = pipelineOf({ nodes, execution: { timeout: 60, retries: { max: 2 }, dbt: { python: '/p' } } });
    expect(execution).toEqual({
      timeout: 60,
      nodeTimeout: null,
      queueTimeout: 600,
      startTimeout: 300,
      threads: 4,
      retries: { max: 2, initialDelay: 5, maxDelay: 300, factor: 2, jitter: 0.2, dataErrors: false },
      restarts: 0,
      onBusy: 'wait',
      dbtPython: '/p',
    });
  });
});
