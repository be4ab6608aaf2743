import { z } from 'zod';

const pluginReference = z.looseObject({
  type: z.string().min(1),
  version: z.string().regex(/^\d+\.\d+\.\d+$/u, 'it must be a text like 1.0.0'),
  /** As in manifest.yaml: secrets only by reference. */
  config: z.record(z.string(), z.unknown()).nullable().default(null),
  /** Reference of the secret that reaches the service; since 0.11.0. */
  connection_secret_ref: z.string().nullable().optional(),
});

/** The plugins that the platform has chosen. `compute.type` is the dbt adapter. */
export const pluginsSchema = z.looseObject({
  compute: pluginReference,
  orchestrator: pluginReference,
  catalog: pluginReference.nullable().default(null),
  storage: pluginReference.nullable().default(null),
  ingestion: pluginReference.nullable().default(null),
  semantic: pluginReference.nullable().default(null),
  lineage_backend: pluginReference.nullable().default(null),
});

export type PluginReference = z.infer<typeof pluginReference>;
