import { z } from 'zod';

/**
 * The `orchestration` section of CompiledArtifacts (contract 0.11.0): the dbt project's graph, its triggers and its
 * execution settings, free of any orchestrator. Keys are snake_case like the rest of the contract; unknown keys are
 * kept. `nodes`, `checks`, `edges` are sorted by unique_id, so that two compiles of the same input are equal.
 */

const column = z.looseObject({
  name: z.string().min(1),
  data_type: z.string().nullable().default(null),
  description: z.string().default(''),
});

/** Where a node's data lives; changes with the dbt target and is therefore never part of an identity. */
const relation = z.looseObject({
  database: z.string().nullable(),
  schema: z.string(),
  identifier: z.string(),
});

const node = z.looseObject({
  unique_id: z.string().min(1),
  resource_type: z.enum(['model', 'seed', 'snapshot']),
  name: z.string().min(1),
  /** The dbt package that the node belongs to. */
  package: z.string().min(1),
  /** Version of a versioned model. */
  version: z.union([z.string(), z.number()]).nullable().default(null),
  /** table, view, incremental, ephemeral, seed, snapshot, materialized_view or an adapter's own. */
  materialized: z.string().min(1),
  description: z.string().default(''),
  /** original_file_path of dbt, relative to the dbt project. */
  file: z.string(),
  /** The YAML file that describes the node (dbt's patch_path without the package), for `path:` selections. */
  patch_file: z.string().nullable().default(null),
  /** latest_version of a versioned model, for `version:` selections. */
  latest_version: z.union([z.string(), z.number()]).nullable().default(null),
  fqn: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
  group: z.string().nullable().default(null),
  owners: z.array(z.string()).default([]),
  tier: z.enum(['bronze', 'silver', 'gold']).nullable().default(null),
  columns: z.array(column).default([]),
  relation: relation.nullable().default(null),
  /** sha256 over the node's code, its configuration and the macros that it uses. */
  code_version: z.string().default(''),
  /** Identity given for migration by meta.<orchestrator>.asset_key, by orchestrator. */
  key_overrides: z.record(z.string(), z.array(z.string().min(1)).min(1)).default({}),
});

const check = z.looseObject({
  unique_id: z.string().min(1),
  name: z.string().min(1),
  package: z.string().min(1),
  kind: z.enum(['generic', 'singular', 'unit']),
  /** unique_ids of the nodes and sources that the test reads, sorted. */
  parents: z.array(z.string()),
  /** Name of a generic test's macro, such as `unique`, for `test_name:` selections. */
  test_name: z.string().nullable().default(null),
  /** dbt's attached_node, or null. */
  attached_to: z.string().nullable().default(null),
  severity: z.enum(['error', 'warn']),
  description: z.string().default(''),
  column: z.string().nullable().default(null),
  file: z.string(),
  fqn: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
});

const source = z.looseObject({
  unique_id: z.string().min(1),
  source_name: z.string().min(1),
  name: z.string().min(1),
  package: z.string().min(1),
  description: z.string().default(''),
  file: z.string(),
  fqn: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
  relation: relation.nullable().default(null),
  /** `other-product/model` from meta.floe.asset: the asset of another product that fills this source. */
  asset: z.string().nullable().default(null),
  /** unique_id of the seed that loads the same relation (dbt has no such edge), or null. */
  seed: z.string().nullable().default(null),
});

const exposure = z.looseObject({
  unique_id: z.string().min(1),
  name: z.string().min(1),
  type: z.string().default('application'),
  /** The dbt package that the exposure belongs to; empty means the root project. */
  package: z.string().default(''),
  fqn: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
  description: z.string().default(''),
  owner: z.string().nullable().default(null),
  url: z.string().nullable().default(null),
  file: z.string(),
  parents: z.array(z.string()),
});

const schedule = z.looseObject({
  name: z.string().min(1),
  cron: z.string().min(1),
  timezone: z.string().default('UTC'),
  enabled: z.boolean().default(true),
  /** dbt selection syntax; null runs the whole product. */
  select: z.string().nullable().default(null),
  exclude: z.string().nullable().default(null),
});

const sensorBase = {
  name: z.string().min(1),
  enabled: z.boolean().default(true),
  /** Seconds between two looks, at least 30. */
  interval: z.number().int().min(30).default(60),
  select: z.string().nullable().default(null),
  exclude: z.string().nullable().default(null),
};

const sensor = z.discriminatedUnion('type', [
  /** Fires once for each new successful run of another product. */
  z.looseObject({ ...sensorBase, type: z.literal('product_succeeded'), product: z.string().min(1) }),
  /** Fires once for each new materialization of `product/name`. */
  z.looseObject({ ...sensorBase, type: z.literal('asset_updated'), asset: z.string().min(1) }),
  /** Fires once for each new (modification time, size) of a file. */
  z.looseObject({ ...sensorBase, type: z.literal('file_changed'), path: z.string().min(1) }),
  /** Fires on the change from not-2xx to 2xx, and for each new ETag, Last-Modified or body hash. */
  z.looseObject({ ...sensorBase, type: z.literal('http_ready'), url: z.string().min(1) }),
]);

/** Execution settings of the product; times in seconds. */
const execution = z.looseObject({
  /** Whole run from the child's start, over all attempts and delays. */
  timeout: z.number().positive().default(3600),
  /** One node; null means no limit of its own. */
  node_timeout: z.number().positive().nullable().default(null),
  /** Waiting for a slot or a daemon. */
  queue_timeout: z.number().positive().default(600),
  /** From leaving the queue to the first line of the child. */
  start_timeout: z.number().positive().default(300),
  /** dbt threads. */
  threads: z.number().int().min(1).default(4),
  retries: z
    .looseObject({
      /** Further attempts of failed and skipped nodes. */
      max: z.number().int().min(0).default(0),
      initial_delay: z.number().min(0).default(5),
      max_delay: z.number().min(0).default(300),
      factor: z.number().min(1).default(2),
      /** Fraction of the delay that is random, 0 to 1. */
      jitter: z.number().min(0).max(1).default(0.2),
      /** Retry failed tests and SQL errors too. */
      data_errors: z.boolean().default(false),
    })
    .prefault({}),
  /** Restarts by the orchestrator when its worker process was lost. */
  restarts: z.number().int().min(0).default(0),
  on_busy: z.enum(['wait', 'skip', 'fail']).default('wait'),
  dbt: z.looseObject({ python: z.string().nullable().default(null) }).prefault({}),
});

const quantities = z.looseObject({ cpu: z.string().optional(), memory: z.string().optional() });

/** Kubernetes requests and limits by component; empty means the plugin's defaults. */
const resources = z.record(
  z.string(),
  z.looseObject({ requests: quantities.optional(), limits: quantities.optional() }),
);

export const orchestrationSchema = z.looseObject({
  schema: z.literal(1),
  dbt: z.looseObject({
    project_name: z.string().min(1),
    dbt_version: z.string(),
    adapter_type: z.string().min(1),
    profile: z.string().min(1),
    /** Fails with a sentence when it contains other than plain data. */
    vars: z.record(z.string(), z.unknown()).default({}),
  }),
  target: z.string().min(1),
  nodes: z.array(node),
  checks: z.array(check).default([]),
  /** [upstream, downstream] over nodes and sources, ephemeral models included, as dbt has them. */
  edges: z.array(z.tuple([z.string(), z.string()])).default([]),
  sources: z.array(source).default([]),
  exposures: z.array(exposure).default([]),
  schedules: z.array(schedule).default([]),
  sensors: z.array(sensor).default([]),
  execution: execution.prefault({}),
  resources: resources.default({}),
});

export type Orchestration = z.infer<typeof orchestrationSchema>;
export type OrchestrationNode = z.infer<typeof node>;
export type OrchestrationCheck = z.infer<typeof check>;
export type OrchestrationSource = z.infer<typeof source>;
export type OrchestrationExposure = z.infer<typeof exposure>;
export type OrchestrationSchedule = z.infer<typeof schedule>;
export type OrchestrationSensor = z.infer<typeof sensor>;
export type OrchestrationExecution = z.infer<typeof execution>;
export const executionSchema = execution;
export const scheduleSchema = schedule;
export const sensorSchema = sensor;
export const resourcesSchema = resources;
