import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import {
  exampleArtifacts,
  exampleArtifactsAround,
  type ExampleOrchestration,
} from '@floe/core/testing/example-artifacts';

/** A product of a certain shape that every plugin has to convert. */
export interface ExampleProduct {
  readonly name: string;
  readonly artifacts: CompiledArtifacts;
}

type Parts = Required<Pick<ExampleOrchestration, 'nodes' | 'edges'>>;

/** One model and nothing else. */
export const oneModel: ExampleProduct = {
  name: 'one model',
  artifacts: exampleArtifacts({ nodes: [{ unique_id: 'model.shop.orders' }] }),
};

/** A product with every kind of node, check and trigger that there is. */
export const completeShop: ExampleProduct = {
  name: 'a shop with everything',
  artifacts: exampleArtifacts({
    nodes: [
      { unique_id: 'seed.shop.raw_countries', description: 'Countries by hand.' },
      {
        unique_id: 'model.shop.stg_orders',
        materialized: 'view',
        tags: ['staging'],
        tier: 'bronze',
        owners: ['team@example.com'],
      },
      { unique_id: 'model.shop.int_orders', materialized: 'ephemeral' },
      {
        unique_id: 'model.shop.fct_orders',
        materialized: 'incremental',
        group: 'sales',
        tier: 'silver',
        columns: [{ name: 'id', data_type: 'integer', description: 'The "key".' }],
      },
      { unique_id: 'model.shop.dim_customers.v1', name: 'dim_customers', version: 1 },
      { unique_id: 'model.shop.dim_customers.v2', name: 'dim_customers', version: 2, tier: 'gold' },
      { unique_id: 'snapshot.shop.orders_snapshot' },
      { unique_id: 'model.shop.alone', description: 'It\'s a "quoted" text,\nwith {{ braces }} and \\ slashes: ✓' },
    ],
    sources: [
      { unique_id: 'source.shop.raw.orders' },
      { unique_id: 'source.shop.raw.customers', asset: 'crm/customers' },
    ],
    edges: [
      ['source.shop.raw.orders', 'model.shop.stg_orders'],
      ['model.shop.stg_orders', 'model.shop.int_orders'],
      ['seed.shop.raw_countries', 'model.shop.int_orders'],
      ['model.shop.int_orders', 'model.shop.fct_orders'],
      ['source.shop.raw.customers', 'model.shop.dim_customers.v1'],
      ['source.shop.raw.customers', 'model.shop.dim_customers.v2'],
      ['model.shop.fct_orders', 'snapshot.shop.orders_snapshot'],
    ],
    checks: [
      {
        unique_id: 'test.shop.not_null_stg_orders_id.a1',
        parents: ['model.shop.stg_orders'],
        attached_to: 'model.shop.stg_orders',
        column: 'id',
      },
      {
        unique_id: 'test.shop.unique_fct_orders_id.b2',
        parents: ['model.shop.fct_orders'],
        attached_to: 'model.shop.fct_orders',
        severity: 'warn',
      },
      {
        unique_id: 'test.shop.relationships_fct_orders.c3',
        parents: ['model.shop.dim_customers.v2', 'model.shop.fct_orders'],
        attached_to: 'model.shop.fct_orders',
      },
      {
        unique_id: 'test.shop.orders_add_up',
        kind: 'singular',
        parents: ['model.shop.fct_orders', 'model.shop.stg_orders'],
        file: 'tests/orders_add_up.sql',
      },
      {
        unique_id: 'test.shop.source_not_null_raw_orders_id.d4',
        parents: ['source.shop.raw.orders'],
        attached_to: 'source.shop.raw.orders',
      },
      { unique_id: 'test.shop.nothing_at_all', kind: 'singular', parents: [], file: 'tests/nothing_at_all.sql' },
      {
        unique_id: 'unit_test.shop.stg_orders.drops_test_orders',
        kind: 'unit',
        parents: ['model.shop.stg_orders'],
        attached_to: 'model.shop.stg_orders',
      },
    ],
    exposures: [
      { unique_id: 'exposure.shop.weekly_report', type: 'dashboard', owner: 'Ann', parents: ['model.shop.fct_orders'] },
    ],
    schedules: [
      { name: 'nightly', cron: '15 2 * * *', timezone: 'Europe/Berlin' },
      { name: 'staging-hourly', cron: '@hourly', select: 'tag:staging', enabled: false },
      { name: 'weekdays', cron: '0 8-17/3 * * MON-FRI', timezone: 'America/New_York', select: '+fct_orders' },
    ],
    sensors: [
      { name: 'after-crm', type: 'product_succeeded', product: 'crm' },
      {
        name: 'after-customers',
        type: 'asset_updated',
        asset: 'crm/customers',
        select: 'dim_customers+',
        interval: 120,
      },
      { name: 'new-file', type: 'file_changed', path: '/data/orders.csv', enabled: false },
      { name: 'api-up', type: 'http_ready', url: 'https://api.example.com/health', interval: 300 },
    ],
  }),
};

/** Five hundred models in a row. */
export const longChain: ExampleProduct = { name: 'a long chain', artifacts: exampleArtifacts(chain(500)) };

/** Four hundred models side by side, each with a test, behind one and before one. */
export const wideFan: ExampleProduct = { name: 'a wide fan', artifacts: exampleArtifacts(fan(400)) };

/** Models of the same name in two dbt packages. */
export const twoPackages: ExampleProduct = {
  name: 'two dbt packages',
  artifacts: exampleArtifacts({
    nodes: [{ unique_id: 'model.shop.customers' }, { unique_id: 'model.crm_package.customers' }],
    edges: [['model.crm_package.customers', 'model.shop.customers']],
  }),
};

/** Two diamonds, joined by an ephemeral model. */
export const diamonds: ExampleProduct = {
  name: 'diamonds',
  artifacts: exampleArtifacts({
    nodes: [
      ...['top', 'left', 'right', 'bottom', 'far_left', 'far_right', 'end'].map((name) => ({
        unique_id: `model.shop.${name}`,
      })),
      { unique_id: 'model.shop.joint', materialized: 'ephemeral' },
    ],
    edges: edgesOf([
      'top left',
      'top right',
      'left bottom',
      'right bottom',
      'bottom joint',
      'top joint',
      'joint far_left',
      'joint far_right',
      'far_left end',
      'far_right end',
    ]),
  }),
};

/** Artifacts of the Python floe, without an orchestration section. */
export const pythonArtifacts: ExampleProduct = {
  name: 'artifacts of the Python floe',
  artifacts: {
    ...exampleArtifactsAround(null),
    version: '0.10.0',
    transforms: {
      default_compute: 'duckdb',
      models: [
        {
          name: 'stg_orders',
          compute: 'duckdb',
          tags: ['staging'],
          depends_on: null,
          quality_checks: null,
          quality_tier: 'bronze',
        },
        {
          name: 'fct_orders',
          compute: 'duckdb',
          tags: null,
          depends_on: ['stg_orders'],
          quality_checks: null,
          quality_tier: null,
        },
      ],
    },
  },
};

/** Every product that the suite converts. */
export const exampleProducts: readonly ExampleProduct[] = [
  oneModel,
  completeShop,
  diamonds,
  twoPackages,
  longChain,
  wideFan,
  pythonArtifacts,
];

/** Names that differ only in signs which orchestrators do not take: to be kept apart, or refused with their files. */
export const collidingNames: ExampleProduct = {
  name: 'names that look alike',
  artifacts: exampleArtifacts({
    nodes: ['a_b', 'a__b', 'a-b', 'a b', 'A_B', 'ä_b', 'x'.repeat(200)].map((name, index) => ({
      unique_id: `model.shop.${name}`,
      file: `models/${index}.sql`,
    })),
  }),
};

/** Products that must be refused, with the code. */
export const brokenProducts: readonly (ExampleProduct & {
  readonly code:
    | 'DEPENDENCY_CYCLE'
    | 'SELF_DEPENDENCY'
    | 'UNKNOWN_DEPENDENCY'
    | 'DUPLICATE_NAME'
    | 'CRON_INVALID'
    | 'TIME_ZONE_INVALID'
    | 'ARTIFACTS_EMPTY';
})[] = [
  {
    name: 'a cycle',
    code: 'DEPENDENCY_CYCLE',
    artifacts: exampleArtifacts({ nodes: models('a', 'b', 'c'), edges: edgesOf(['a b', 'b c', 'c a']) }),
  },
  {
    name: 'a model that reads itself',
    code: 'SELF_DEPENDENCY',
    artifacts: exampleArtifacts({ nodes: models('a'), edges: edgesOf(['a a']) }),
  },
  {
    name: 'an unknown dependency',
    code: 'UNKNOWN_DEPENDENCY',
    artifacts: exampleArtifacts({ nodes: models('a'), edges: edgesOf(['b a']) }),
  },
  {
    name: 'a bad cron expression',
    code: 'CRON_INVALID',
    artifacts: exampleArtifacts({ nodes: models('a'), schedules: [{ name: 's', cron: '61 * * * *' }] }),
  },
  {
    name: 'an unknown time zone',
    code: 'TIME_ZONE_INVALID',
    artifacts: exampleArtifacts({
      nodes: models('a'),
      schedules: [{ name: 's', cron: '1 * * * *', timezone: 'Mars/Base' }],
    }),
  },
  { name: 'nothing in it', code: 'ARTIFACTS_EMPTY', artifacts: { ...exampleArtifactsAround(null), transforms: null } },
];

function models(...names: string[]): { unique_id: string }[] {
  return names.map((name) => ({ unique_id: `model.shop.${name}` }));
}

function edgesOf(pairs: readonly string[]): [string, string][] {
  return pairs.map((pair) => {
    const [upstream = '', downstream = ''] = pair.split(' ');
    return [`model.shop.${upstream}`, `model.shop.${downstream}`];
  });
}

function chain(length: number): Parts {
  const names = Array.from({ length }, (_, index) => `step_${String(index).padStart(4, '0')}`);
  return {
    nodes: models(...names),
    edges: edgesOf(names.slice(1).map((name, index) => `${names[index] ?? ''} ${name}`)),
  };
}

function fan(width: number): ExampleOrchestration {
  const names = Array.from({ length: width }, (_, index) => `part_${String(index).padStart(4, '0')}`);
  return {
    nodes: models('begin', ...names, 'end'),
    edges: edgesOf(names.flatMap((name) => [`begin ${name}`, `${name} end`])),
    checks: names.map((name) => ({
      unique_id: `test.shop.not_null_${name}_id.0`,
      parents: [`model.shop.${name}`],
      attached_to: `model.shop.${name}`,
    })),
  };
}
