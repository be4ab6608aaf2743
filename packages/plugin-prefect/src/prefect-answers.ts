import { z } from 'zod';

/** What floe reads of Prefect's answers; everything else may change. */

const time = z.string().nullable().default(null);

export const readyAnswer = z.looseObject({ message: z.string() });

/** `GET /version` and `GET /admin/version`. */
export const versionAnswer = z.string();

export const countAnswer = z.number().int();

export const workerSchema = z.looseObject({
  name: z.string(),
  status: z.string().default('OFFLINE'),
  last_heartbeat_time: time,
  heartbeat_interval_seconds: z.number().nullable().default(null),
});
export const workersAnswer = z.array(workerSchema);
export type Worker = z.infer<typeof workerSchema>;

export const workPoolSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  is_paused: z.boolean().default(false),
  concurrency_limit: z.number().nullable().default(null),
  active_slots: z.number().nullable().default(null),
  status: z.string().nullable().default(null),
  base_job_template: z.record(z.string(), z.unknown()).default({}),
});
export type WorkPool = z.infer<typeof workPoolSchema>;

export const workQueueSchema = z.looseObject({
  name: z.string(),
  is_paused: z.boolean().default(false),
  concurrency_limit: z.number().nullable().default(null),
  status: z.string().nullable().default(null),
  last_polled: time,
});
export type WorkQueue = z.infer<typeof workQueueSchema>;

export const workersMetadataAnswer = z.record(
  z.string(),
  z.record(z.string(), z.looseObject({ default_base_job_configuration: z.record(z.string(), z.unknown()).optional() })),
);

export const flowSchema = z.looseObject({ id: z.string(), name: z.string() });

const json = z.record(z.string(), z.unknown());

export const scheduleSchema = z.looseObject({
  id: z.string(),
  active: z.boolean(),
  schedule: json,
  parameters: json.nullish().transform((value) => value ?? {}),
  slug: z.string().nullable().default(null),
  max_scheduled_runs: z.number().nullable().default(null),
});
export type DeployedSchedule = z.infer<typeof scheduleSchema>;

export const deploymentSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  flow_id: z.string(),
  version: z.string().nullable().default(null),
  description: z.string().nullable().default(null),
  paused: z.boolean().default(false),
  schedules: z.array(scheduleSchema).default([]),
  concurrency_limit: z.number().nullable().default(null),
  global_concurrency_limit: z
    .looseObject({
      name: z.string(),
      limit: z.number(),
      active_slots: z.number().default(0),
      active: z.boolean().default(true),
    })
    .nullable()
    .default(null),
  concurrency_options: z
    .looseObject({ collision_strategy: z.string(), grace_period_seconds: z.number().nullable().default(null) })
    .nullable()
    .default(null),
  job_variables: json.nullish().transform((value) => value ?? {}),
  parameters: json.nullish().transform((value) => value ?? {}),
  parameter_openapi_schema: json.nullish().transform((value) => value ?? {}),
  enforce_parameter_schema: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
  labels: json.nullish().transform((value) => value ?? {}),
  pull_steps: z
    .array(json)
    .nullish()
    .transform((value) => value ?? []),
  entrypoint: z.string().nullable().default(null),
  work_pool_name: z.string().nullable().default(null),
  work_queue_name: z.string().nullable().default(null),
  last_polled: time,
  status: z.string().nullable().default(null),
});
export type Deployment = z.infer<typeof deploymentSchema>;
export const deploymentsAnswer = z.array(deploymentSchema);

export const automationSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string().default(''),
  enabled: z.boolean().default(true),
  tags: z.array(z.string()).default([]),
  trigger: json,
  actions: z.array(json).default([]),
});
export type Automation = z.infer<typeof automationSchema>;
export const automationsAnswer = z.array(automationSchema);

export const stateSchema = z.looseObject({
  type: z.string(),
  name: z.string(),
  timestamp: time,
  message: z.string().nullable().default(null),
});
export type PrefectState = z.infer<typeof stateSchema>;

export const flowRunSchema = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  flow_id: z.string(),
  deployment_id: z.string().nullable().default(null),
  deployment_version: z.string().nullable().default(null),
  work_pool_name: z.string().nullable().default(null),
  work_queue_name: z.string().nullable().default(null),
  idempotency_key: z.string().nullable().default(null),
  parameters: json.default({}),
  tags: z.array(z.string()).default([]),
  labels: json.nullish().transform((value) => value ?? {}),
  state_type: z.string().nullable().default(null),
  state_name: z.string().nullable().default(null),
  run_count: z.number().default(0),
  created: time,
  expected_start_time: time,
  next_scheduled_start_time: time,
  start_time: time,
  end_time: time,
  state: stateSchema.nullable().default(null),
});
export type FlowRun = z.infer<typeof flowRunSchema>;
export const flowRunsAnswer = z.array(flowRunSchema);

export const taskRunSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  task_key: z.string(),
  run_count: z.number().default(0),
  state_type: z.string().nullable().default(null),
  state_name: z.string().nullable().default(null),
  start_time: time,
  end_time: time,
  expected_start_time: time,
  labels: json.nullish().transform((value) => value ?? {}),
  state: stateSchema.nullable().default(null),
});
export type TaskRun = z.infer<typeof taskRunSchema>;
export const taskRunsAnswer = z.array(taskRunSchema);

export const logSchema = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  level: z.number(),
  message: z.string(),
  timestamp: z.string(),
  flow_run_id: z.string().nullable().default(null),
  task_run_id: z.string().nullable().default(null),
});
export type PrefectLog = z.infer<typeof logSchema>;
export const logsAnswer = z.array(logSchema);

export const artifactSchema = z.looseObject({
  id: z.string(),
  key: z.string().nullable().default(null),
  type: z.string().nullable().default(null),
  data: z.unknown(),
  created: time,
});
export const artifactsAnswer = z.array(artifactSchema);

/** Answer of `set_state`: the status of the answer says nothing, `status` in it does. */
export const orchestrationAnswer = z.looseObject({
  status: z.string(),
  state: stateSchema.nullable().default(null),
  details: z.looseObject({ reason: z.string().nullish() }).nullish(),
});
