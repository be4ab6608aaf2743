import { z } from 'zod';
import { observabilitySchema } from './observability.js';
import { orchestrationSchema } from './orchestration.js';
import { pluginsSchema } from './plugins.js';
import { qualityCheckSchema, qualityConfigSchema } from './quality.js';

/** The contract version that this package writes: the Python floe's 0.10.0 and `orchestration`. */
export const contractVersion = '0.11.0';

/**
 * Local (`2026-11-23T14:49:33.086058`) and zoned (`…Z`, `…+02:00`) times: the Python floe writes the former.
 */
const timestamp = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2}(?::?\d{2})?)?$/u,
    'it must be a time like 2026-11-23T14:49:33Z',
  );

const metadata = z.looseObject({
  compiled_at: timestamp,
  floe_version: z.string(),
  /** sha256 over floe.yaml followed by manifest.yaml. */
  source_hash: z.string(),
  product_name: z
    .string()
    .regex(
      /^[a-zA-Z][a-zA-Z0-9_-]{0,127}$/u,
      'it must be 1 to 128 letters, digits, hyphens and underscores, starting with a letter',
    ),
  product_version: z.string(),
});

const identity = z.looseObject({
  product_id: z.string().min(1),
  domain: z.string().min(1),
  repository: z.string(),
  namespace_registered: z.boolean().default(false),
  registration_timestamp: timestamp.nullable().default(null),
});

const manifestReference = z.looseObject({
  name: z.string(),
  version: z.string(),
  scope: z.enum(['enterprise', 'domain']),
  ref: z.string(),
});

const model = z.looseObject({
  name: z.string().min(1),
  compute: z.string().min(1),
  tags: z.array(z.string()).nullable().default(null),
  /** Names of models. */
  depends_on: z.array(z.string()).nullable().default(null),
  quality_checks: z.array(qualityCheckSchema).nullable().default(null),
  quality_tier: z.enum(['bronze', 'silver', 'gold']).nullable().default(null),
});

const transforms = z.looseObject({ models: z.array(model).min(1), default_compute: z.string().min(1) });

const governance = z.looseObject({
  pii_encryption: z.enum(['required', 'optional']).nullable().default(null),
  audit_logging: z.enum(['enabled', 'disabled']).nullable().default(null),
  policy_enforcement_level: z.enum(['off', 'warn', 'strict']).nullable().default(null),
  data_retention_days: z.number().int().min(1).nullable().default(null),
  default_ttl_hours: z.number().int().min(1).max(8760).nullable().default(null),
  snapshot_keep_last: z.number().int().min(1).max(100).nullable().default(null),
  stale_table_recovery_mode: z.enum(['strict', 'repair']).nullable().default(null),
});

const enforcementResult = z.looseObject({
  passed: z.boolean(),
  error_count: z.number().int().min(0),
  warning_count: z.number().int().min(0),
  policy_types_checked: z.array(z.string()),
  models_validated: z.number().int().min(0),
  enforcement_level: z.enum(['off', 'warn', 'strict']),
  rbac_principal: z.string().nullable().default(null),
  secrets_scanned: z.number().int().default(0),
});

/**
 * CompiledArtifacts: the JSON contract between the compiler and the plugins. Every field of the Python floe's 0.1.0 to
 * 0.10.0, in snake_case, and `orchestration`. Unknown keys are kept. Read it with `readArtifacts`.
 */
export const compiledArtifactsSchema = z.looseObject({
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/u, 'it must be a text like 0.11.0')
    .default('0.10.0'),
  metadata,
  identity,
  mode: z.enum(['simple', 'centralized', 'mesh']).default('simple'),
  inheritance_chain: z.array(manifestReference).default([]),
  observability: observabilitySchema,
  plugins: pluginsSchema.nullable().default(null),
  transforms: transforms.nullable().default(null),
  /** A dbt profiles.yml as data; secrets only as `{{ env_var('NAME') }}`. */
  dbt_profiles: z.record(z.string(), z.unknown()).nullable().default(null),
  governance: governance.nullable().default(null),
  enforcement_result: enforcementResult.nullable().default(null),
  /** Contracts of the Open Data Contract Standard; kept as they are. */
  data_contracts: z.array(z.record(z.string(), z.unknown())).default([]),
  quality_config: qualityConfigSchema.nullable().default(null),
  orchestration: orchestrationSchema.nullable().default(null),
});

export type CompiledArtifacts = z.infer<typeof compiledArtifactsSchema>;
export type ResolvedModel = z.infer<typeof model>;
