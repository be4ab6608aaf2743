import { z } from 'zod';
import { nodeStatuses } from './node-status.js';

/**
 * What the runtime says about a finished run; JSON with snake_case keys, written before the adapter raises.
 * No record means the run is `lost`, never green.
 */
export const nodeResultSchema = z.looseObject({
  id: z.string(),
  status: z.enum(nodeStatuses),
  /** dbt's own word. */
  dbt_status: z.string().nullable().default(null),
  seconds: z.number().nullable().default(null),
  started_at: z.string().nullable().default(null),
  finished_at: z.string().nullable().default(null),
  rows: z.number().nullable().default(null),
  /** Failing rows of a test. */
  failures: z.number().nullable().default(null),
  /** dbt's message, redacted, at most 2,000 characters. */
  message: z.string().nullable().default(null),
});

/** What became of the events or spans that an observer of the run was to send. */
const observerReportSchema = z.looseObject({
  sent: z.number().int().default(0),
  /** Lost, because they could not be sent or kept. */
  failed: z.number().int().default(0),
  /** Lost, because there were too many or the time was over. */
  dropped: z.number().int().default(0),
  /** Kept in a file, for the next run to send. */
  spooled: z.number().int().default(0),
  /** Sent for earlier runs. */
  resent: z.number().int().default(0),
  /** What is the matter; holds no secret. */
  note: z.string().nullable().default(null),
});

export const runRecordSchema = z.looseObject({
  protocol: z.literal(1),
  key: z.string(),
  bundle_hash: z.string().nullable().default(null),
  /** Number of planned nodes (assets and checks). */
  planned: z.number().int(),
  /** Planned ids that no attempt finished; not empty means the run is not green. */
  missing: z.array(z.string()).default([]),
  attempts: z.array(
    z.looseObject({
      n: z.number().int().min(1),
      /** Seconds waited before this attempt. */
      delay: z.number().default(0),
      nodes: z.array(nodeResultSchema),
    }),
  ),
  hooks: z
    .array(
      z.looseObject({ name: z.string(), status: z.enum(nodeStatuses), message: z.string().nullable().default(null) }),
    )
    .default([]),
  outcome: z.enum(['succeeded', 'failed', 'timed_out', 'cancelled', 'duplicate']),
  /** An error outside of any node: parse error, hook, connection; redacted. */
  error: z.looseObject({ code: z.string(), message: z.string(), resolution: z.string() }).nullable().default(null),
  /** Counts by status, also when `attempts` was cut to what did not succeed. */
  counts: z.record(z.string(), z.number().int()).default({}),
  truncated: z.boolean().default(false),
  started_at: z.string().nullable().default(null),
  finished_at: z.string().nullable().default(null),
  /** Lineage and traces by name; empty when both are switched off. */
  observers: z.record(z.string(), observerReportSchema).default({}),
});

export type RunRecord = z.infer<typeof runRecordSchema>;
export type ObserverReport = z.infer<typeof observerReportSchema>;
export type NodeResult = z.infer<typeof nodeResultSchema>;
