import { z } from 'zod';

const seconds = z.number().positive();

/** Execution settings as written in floe.yaml and as `execution.defaults` of manifest.yaml; times in seconds. */
export const executionSettingsSchema = z.strictObject({
  timeout: seconds.optional(),
  node_timeout: seconds.nullable().optional(),
  queue_timeout: seconds.optional(),
  start_timeout: seconds.optional(),
  threads: z.number().int().min(1).optional(),
  retries: z
    .strictObject({
      max: z.number().int().min(0).optional(),
      initial_delay: z.number().min(0).optional(),
      max_delay: z.number().min(0).optional(),
      factor: z.number().min(1).optional(),
      jitter: z.number().min(0).max(1).optional(),
      data_errors: z.boolean().optional(),
    })
    .optional(),
  restarts: z.number().int().min(0).optional(),
  on_busy: z.enum(['wait', 'skip', 'fail']).optional(),
  dbt: z.strictObject({ python: z.string().min(1).nullable().optional() }).optional(),
});

/** `execution.limits` of manifest.yaml: the most that a product may ask for. */
export const executionLimitsSchema = z.strictObject({
  timeout: seconds.optional(),
  node_timeout: seconds.optional(),
  queue_timeout: seconds.optional(),
  start_timeout: seconds.optional(),
  threads: z.number().int().min(1).optional(),
  retries: z.strictObject({ max: z.number().int().min(0) }).optional(),
  restarts: z.number().int().min(0).optional(),
});

export type ExecutionSettings = z.infer<typeof executionSettingsSchema>;
export type ExecutionLimits = z.infer<typeof executionLimitsSchema>;
