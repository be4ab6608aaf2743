import { z } from 'zod';

/**
 * What floe reads of Airflow's answers. Every object lets further fields pass, and states are plain words, so that a
 * newer Airflow is understood as far as possible.
 */
const time = z.string().nullable().default(null);

export const versionAnswer = z.looseObject({ version: z.string() });

const part = z.looseObject({ status: z.string().nullable().default(null) });

/** `GET /monitor/health`: 200 whatever is dead; null is a part that never started. */
export const healthAnswer = z.looseObject({
  metadatabase: part,
  scheduler: part.extend({ latest_scheduler_heartbeat: time }),
  triggerer: part.extend({ latest_triggerer_heartbeat: time }).nullish(),
  dag_processor: part.extend({ latest_dag_processor_heartbeat: time }).nullish(),
});
export type Health = z.infer<typeof healthAnswer>;

export const dagAnswer = z.looseObject({
  dag_id: z.string(),
  is_paused: z.boolean(),
  is_stale: z.boolean().default(false),
  has_import_errors: z.boolean().default(false),
  last_parsed_time: time,
  bundle_name: z.string().nullable().default(null),
  relative_fileloc: z.string().nullable().default(null),
  timetable_summary: z.string().nullable().default(null),
  timetable_description: z.string().nullable().default(null),
  tags: z.array(z.looseObject({ name: z.string() })).default([]),
  file_token: z.string().nullable().default(null),
  max_active_runs: z.number().nullable().default(null),
});
export type Dag = z.infer<typeof dagAnswer>;

export const dagsAnswer = z.looseObject({
  dags: z.array(dagAnswer),
  total_entries: z.number().nullable().default(null),
});

export const runAnswer = z.looseObject({
  dag_run_id: z.string(),
  dag_id: z.string(),
  state: z.string(),
  logical_date: time,
  queued_at: time,
  start_date: time,
  end_date: time,
  run_after: time,
  conf: z.record(z.string(), z.unknown()).nullable().default(null),
  dag_versions: z.array(z.looseObject({ version_number: z.number() })).default([]),
});
export type Run = z.infer<typeof runAnswer>;

export const runsAnswer = z.looseObject({ dag_runs: z.array(runAnswer) });

export const taskInstanceAnswer = z.looseObject({
  task_id: z.string(),
  state: z.string().nullable(),
  try_number: z.number(),
  max_tries: z.number().default(0),
  start_date: time,
  end_date: time,
  queued_when: time,
  pool: z.string().nullable().default(null),
  queue: z.string().nullable().default(null),
  hostname: z.string().nullable().default(null),
  pid: z.number().nullable().default(null),
});
export type TaskInstance = z.infer<typeof taskInstanceAnswer>;

export const taskInstancesAnswer = z.looseObject({ task_instances: z.array(taskInstanceAnswer) });

export const xcomAnswer = z.looseObject({ value: z.unknown() });

const exception = z.looseObject({ exc_type: z.string().catch(''), exc_value: z.string().catch('') });

/** One item of a task's log; foreign logs may give plain text. */
export const logItem = z.union([
  z.string().transform((event) => ({ event, timestamp: null, level: undefined, logger: undefined, error_detail: [] })),
  z
    .looseObject({
      event: z.string().catch(''),
      timestamp: z.string().nullable().default(null),
      level: z.string().optional(),
      logger: z.string().optional(),
      error_detail: z.array(exception).nullish().catch([]),
    })
    .transform(({ event, timestamp, level, logger, error_detail }) => ({
      event,
      timestamp,
      level,
      logger,
      error_detail: error_detail ?? [],
    })),
]);
export type LogItem = z.infer<typeof logItem>;

export const logAnswer = z.looseObject({
  content: z.array(logItem),
  continuation_token: z.string().nullable().default(null),
});
export type Log = z.infer<typeof logAnswer>;

export const importErrorsAnswer = z.looseObject({
  import_errors: z.array(
    z.looseObject({
      filename: z.string(),
      bundle_name: z.string().nullable().default(null),
      timestamp: time,
      stack_trace: z.string().default(''),
    }),
  ),
});

export const eventLogsAnswer = z.looseObject({
  event_logs: z.array(
    z.looseObject({
      event: z.string(),
      when: z.string(),
      task_id: z.string().nullable().default(null),
      owner: z.string().nullable().default(null),
      extra: z.string().nullable().default(null),
    }),
  ),
});
export type EventLog = z.infer<typeof eventLogsAnswer>['event_logs'][number];

export const dependenciesAnswer = z.looseObject({
  dependencies: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
});
export type Dependency = z.infer<typeof dependenciesAnswer>['dependencies'][number];

export const assetsAnswer = z.looseObject({
  assets: z.array(
    z.looseObject({
      name: z.string(),
      uri: z.string(),
      producing_tasks: z.array(z.looseObject({ dag_id: z.string(), task_id: z.string() })).default([]),
    }),
  ),
  total_entries: z.number(),
});
export type DeployedAsset = z.infer<typeof assetsAnswer>['assets'][number];

export const tasksAnswer = z.looseObject({
  tasks: z.array(z.looseObject({ task_id: z.string(), doc_md: z.string().nullish() })),
});
