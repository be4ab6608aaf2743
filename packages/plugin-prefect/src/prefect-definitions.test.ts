import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import { exampleArtifacts, type ExampleOrchestration } from '@floe/core/testing/example-artifacts';
import type { Definitions } from '@floe/core/plugin-interfaces';
import { buildDefinitions, buildDeploymentPlan, type DeploymentPlan } from './prefect-definitions.js';
import { loaderFiles } from './prefect-loader.js';

const product: ExampleOrchestration = {
  nodes: [{ unique_id: 'seed.shop.raw_orders' }, { unique_id: 'model.shop.orders' }, { unique_id: 'model.shop.daily' }],
  sources: [
    { unique_id: 'source.shop.erp.raw_orders', seed: 'seed.shop.raw_orders' },
    { unique_id: 'source.shop.crm.customers', asset: 'crm/customers' },
  ],
  edges: [
    ['source.shop.erp.raw_orders', 'model.shop.orders'],
    ['source.shop.crm.customers', 'model.shop.orders'],
    ['model.shop.orders', 'model.shop.daily'],
  ],
  checks: [
    { unique_id: 'test.shop.unique_orders_id', parents: ['model.shop.orders'], attached_to: 'model.shop.orders' },
    { unique_id: 'test.shop.compare', parents: ['model.shop.daily', 'model.shop.orders'], severity: 'warn' },
    { unique_id: 'unit_test.shop.daily.sums', parents: ['model.shop.daily'], attached_to: 'model.shop.daily' },
    { unique_id: 'test.shop.alone' },
  ],
  exposures: [{ unique_id: 'exposure.shop.board', type: 'dashboard', parents: ['model.shop.daily'] }],
  schedules: [
    { name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Berlin', enabled: false },
    { name: 'marts', cron: '@hourly', select: 'daily' },
  ],
  sensors: [{ name: 'after_file', type: 'file_changed', path: 'in.csv', interval: 45, enabled: false }],
  execution: { timeout: 900, start_timeout: 120, on_busy: 'skip' },
};

function pipelineOf(parts: ExampleOrchestration): ReturnType<typeof requirePipeline> {
  return requirePipeline(exampleArtifacts(parts));
}

function build(parts = product): Definitions {
  return buildDefinitions(pipelineOf(parts), loaderFiles());
}

interface Node {
  readonly id: string;
  readonly kind: string;
  readonly waits?: readonly number[];
  readonly asset?: string;
  readonly upstream?: readonly string[];
}

interface Document {
  readonly nodes: readonly Node[];
  readonly jobs: Readonly<Record<string, readonly string[] | null>>;
  readonly [key: string]: unknown;
}

function documentOf(definitions: Definitions): Document {
  return JSON.parse(definitions.files.find(({ path }) => path === 'prefect.json')?.content ?? '') as Document;
}

describe('buildDefinitions', () => {
  const definitions = build();
  const document = documentOf(definitions);
  const node = (id: string): Node | undefined => document.nodes.find((entry) => entry.id === id);
  const waitsOf = (id: string): (string | undefined)[] =>
    (node(id)?.waits ?? []).map((index) => document.nodes[index]?.id).sort();

  it('has every node, check, job, schedule and sensor', () => {
    expect(definitions.assets.map(({ id }) => id).sort()).toEqual([
      'model.shop.daily',
      'model.shop.orders',
      'seed.shop.raw_orders',
    ]);
    expect(definitions.checks).toHaveLength(4);
    expect(definitions.jobs.map(({ nativeName }) => nativeName)).toEqual(['shop', 'marts']);
    expect(definitions.schedules.map(({ nativeName }) => nativeName)).toEqual(['daily', 'marts']);
    expect(definitions.sensors.map(({ nativeName }) => nativeName)).toEqual(['after_file']);
    expect(document.nodes.map(({ kind }) => kind).sort()).toEqual([
      'model',
      'model',
      'seed',
      'test',
      'test',
      'test',
      'unit_test',
    ]);
  });

  it('has the edges of dbt, with unit tests before their model', () => {
    // The seed fills the source that the model reads.
    expect(waitsOf('model.shop.orders')).toEqual(['seed.shop.raw_orders']);
    expect(waitsOf('model.shop.daily')).toEqual(['model.shop.orders', 'unit_test.shop.daily.sums']);
    expect(waitsOf('unit_test.shop.daily.sums')).toEqual(['model.shop.orders']);
    expect(waitsOf('test.shop.compare')).toEqual(['model.shop.daily', 'model.shop.orders']);
    expect(waitsOf('test.shop.alone')).toEqual([]);
    const key = node('model.shop.orders')?.asset ?? '';
    expect(key).toMatch(/^floe:\/\/[^/]+\/shop\/orders$/u);
    expect(node('model.shop.daily')?.upstream).toEqual([key]);
    expect(node('model.shop.orders')?.upstream).toEqual(
      expect.arrayContaining([expect.stringMatching(/\/crm\/customers$/u)]),
    );
    expect(definitions.edges).toContainEqual([key, node('model.shop.daily')?.asset]);
  });

  it('says which ids a job has, and null for everything', () => {
    expect(document.jobs.shop).toBeNull();
    expect(document.jobs.marts).toEqual(
      expect.arrayContaining(['model.shop.daily', 'test.shop.compare', 'unit_test.shop.daily.sums']),
    );
    expect(document.jobs.marts).not.toContain('model.shop.orders');
  });

  it('says that Prefect restarts nothing', () => {
    expect(definitions.warnings).toEqual([]);
    const { warnings } = build({ ...product, execution: { restarts: 1 } });
    expect(warnings).toEqual([
      expect.objectContaining({ severity: 'warning', message: expect.stringContaining('restarts') }),
    ]);
  });

  it('is the same text each time, and brings the loader', () => {
    expect(build()).toEqual(definitions);
    const paths = definitions.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['flow.py', 'sensor.py', 'floe_prefect/product_flow.py', 'prefect.json', 'Dockerfile']),
    );
    expect(new Set(paths).size).toBe(paths.length);
  });
});

describe('buildDeploymentPlan', () => {
  const plan = (parts = product): DeploymentPlan => buildDeploymentPlan(pipelineOf(parts));

  it('runs a product once at a time', () => {
    const [deployment] = plan().deployments;
    expect(deployment).toMatchObject({
      role: 'product',
      flow: 'floe-shop',
      entrypoint: 'flow.py:product_flow',
      concurrency_limit: 1,
      concurrency_options: { collision_strategy: 'CANCEL_NEW', grace_period_seconds: 180 },
      job_variables: { env: { PREFECT_FLOWS_HEARTBEAT_FREQUENCY: '30' } },
      parameter_openapi_schema: { additionalProperties: false },
    });
    expect(plan({ ...product, execution: {} }).deployments[0]?.concurrency_options).toMatchObject({
      collision_strategy: 'ENQUEUE',
    });
  });

  it('has schedules by slug with the job that they run', () => {
    expect(plan().deployments[0]?.schedules).toEqual([
      {
        slug: 'daily',
        active: false,
        schedule: { cron: '0 6 * * *', timezone: 'Europe/Berlin', day_or: true },
        parameters: { job: 'shop', trigger: 'schedule:daily' },
      },
      {
        slug: 'marts',
        active: true,
        schedule: { cron: '0 * * * *', timezone: 'UTC', day_or: true },
        parameters: { job: 'marts', trigger: 'schedule:marts' },
      },
    ]);
  });

  it('has a sensor flow only for sensors that somebody must look after', () => {
    expect(plan().deployments[1]).toMatchObject({
      role: 'sensors',
      flow: 'floe-shop.sensors',
      entrypoint: 'sensor.py:sensor_flow',
      concurrency_limit: 1,
      schedules: [
        { slug: 'after_file', active: false, schedule: { interval: 45 }, parameters: { sensor: 'after_file' } },
      ],
    });
    const reactive = [{ name: 'after_crm', type: 'product_succeeded', product: 'crm' }];
    expect(plan({ ...product, sensors: reactive }).deployments).toHaveLength(1);
  });
});
