import { z } from 'zod';

/**
 * What one run shall do. Travels as JSON with snake_case keys (`vectors/run-request.json` in @floe/runtime):
 * Dagster run tag `floe/request`, Airflow conf `floe`, Prefect parameter.
 */
export const runRequestSchema = z.looseObject({
  protocol: z.literal(1),
  /** Chosen by the client; at most one run per key executes dbt. */
  key: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  /** dbt selection syntax, for people; the plugin resolves it to exact ids before submission. */
  select: z.string().nullable().default(null),
  exclude: z.string().nullable().default(null),
  /** Exact dbt unique_ids of assets and checks; null runs everything. */
  ids: z.array(z.string()).nullable().default(null),
  checks: z.boolean().default(true),
  /** Seconds; null takes the product's execution settings. */
  timeout: z.number().positive().nullable().default(null),
  node_timeout: z.number().positive().nullable().default(null),
  threads: z.number().int().min(1).nullable().default(null),
  retries: z.number().int().min(0).nullable().default(null),
  full_refresh: z.boolean().default(false),
  vars: z.record(z.string(), z.unknown()).default({}),
  traceparent: z.string().nullable().default(null),
  /** The bundle that the client has planned with; another one deployed is refused as stale. */
  bundle_hash: z.string().nullable().default(null),
  /** Key of the run that this one repeats in part. */
  retry_of: z.string().nullable().default(null),
});

export type RunRequest = z.infer<typeof runRequestSchema>;
