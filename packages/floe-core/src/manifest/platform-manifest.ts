import { z } from 'zod';
import { hasErrors, type Problem } from '../errors/problem.js';
import { parseSecretReference } from '../secrets/secret-reference.js';
import { executionLimitsSchema, executionSettingsSchema } from './execution-settings.js';
import type { Locator } from './key-path.js';
import { scopeProblems } from './manifest-scope.js';
import { findPlainSecrets } from './plain-secrets.js';
import type { FileReading } from './product-spec.js';
import { resourcePresetsSchema, resourceSettingsSchema } from './resource-settings.js';
import { schemaProblems, unknownKeyProblem } from './schema-problems.js';
import { readYaml } from './yaml-source.js';

const reservedNames = ['default', 'system', 'floe', 'admin', 'root'];
const semanticVersion = z.string().regex(/^\d+\.\d+\.\d+$/u, 'it must be a text like 1.0.0');
const secretReference = z
  .string()
  .refine(
    (text) => parseSecretReference(text).ok,
    'it must be env:NAME, file:/path, k8s:namespace/name#key or the name of a Kubernetes secret',
  );
const httpAddress = z.string().regex(/^https?:\/\/[^\s/]+/u, 'it must be an http or https address');

const pluginSelectionSchema = z.strictObject({
  type: z.string().trim().min(1),
  version: semanticVersion.nullish(),
  config: z.record(z.string(), z.unknown()).nullish(),
  connection_secret_ref: secretReference.nullish(),
});

const orchestratorSelectionSchema = z.strictObject({
  ...pluginSelectionSchema.shape,
  /** npm package of the plugin, when it is not @floe/plugin-<type>. */
  package: z.string().min(1).nullish(),
});

const pluginsSchema = z.strictObject({
  compute: pluginSelectionSchema.nullish(),
  orchestrator: orchestratorSelectionSchema.nullish(),
  catalog: pluginSelectionSchema.nullish(),
  storage: pluginSelectionSchema.nullish(),
  semantic_layer: pluginSelectionSchema.nullish(),
  ingestion: pluginSelectionSchema.nullish(),
  secrets: pluginSelectionSchema.nullish(),
  telemetry_backend: pluginSelectionSchema.nullish(),
  lineage_backend: pluginSelectionSchema.nullish(),
  identity: pluginSelectionSchema.nullish(),
  dbt: pluginSelectionSchema.nullish(),
  quality: z.looseObject({ provider: z.string().min(1) }).nullish(),
});

const governanceSchema = z.strictObject({
  pii_encryption: z.enum(['required', 'optional']).nullish(),
  audit_logging: z.enum(['enabled', 'disabled']).nullish(),
  policy_enforcement_level: z.enum(['off', 'warn', 'strict']).nullish(),
  data_retention_days: z.number().int().min(1).nullish(),
  default_ttl_hours: z.number().int().min(1).max(8760).nullish(),
  snapshot_keep_last: z.number().int().min(1).max(100).nullish(),
  stale_table_recovery_mode: z.enum(['strict', 'repair']).nullish(),
  naming: z.record(z.string(), z.unknown()).nullish(),
  quality_gates: z.record(z.string(), z.unknown()).nullish(),
  custom_rules: z.array(z.unknown()).nullish(),
  policy_overrides: z.array(z.unknown()).nullish(),
  data_contracts: z.record(z.string(), z.unknown()).nullish(),
  rbac: z.record(z.string(), z.unknown()).nullish(),
  secret_scanning: z.record(z.string(), z.unknown()).nullish(),
  network_policies: z.record(z.string(), z.unknown()).nullish(),
  policies: z.array(z.unknown()).nullish(),
});

const fraction = z.number().min(0).max(1);
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/u, 'it must be the name of an HTTP header')
  .default('Authorization');

const observabilitySchema = z.strictObject({
  tracing: z
    .strictObject({
      enabled: z.boolean().default(true),
      exporter: z.enum(['otlp', 'console', 'none']).default('otlp'),
      endpoint: httpAddress.nullish(),
      /** Absent: http for port 4318, else grpc. */
      protocol: z.enum(['grpc', 'http']).nullish(),
      /** Fraction of the runs that is traced, by environment. */
      sampling: z.strictObject({ dev: fraction, staging: fraction, prod: fraction }).partial().nullish(),
      /** Credentials of the collector, by secret reference. */
      authentication: z
        .discriminatedUnion('auth_type', [
          z.strictObject({ auth_type: z.literal('bearer'), bearer_token: secretReference, header_name: headerName }),
          z.strictObject({ auth_type: z.literal('api_key'), api_key: secretReference, header_name: headerName }),
        ])
        .nullish(),
    })
    .nullish(),
  lineage: z
    .strictObject({
      enabled: z.boolean().default(true),
      transport: z.enum(['http', 'file', 'console', 'noop']).default('http'),
      /** Of http, or `file:///path` of file; absent: what the OPENLINEAGE_* settings of the process say. */
      endpoint: z
        .string()
        .regex(/^(?:https?:\/\/[^\s/]+|file:\/\/\/)/u, 'it must be an http or https address, or file:///path')
        .nullish(),
      /** Puts dbt's messages into the events of failures; they may show data and SQL. */
      include_messages: z.boolean().default(false),
    })
    .nullish(),
  logging: z
    .strictObject({
      level: z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR']).default('INFO'),
      format: z.enum(['json', 'text']).default('json'),
    })
    .nullish(),
});

/** manifest.yaml: one platform in one environment. Unknown keys at the top are kept. */
export const platformManifestSchema = z.looseObject({
  apiVersion: z.literal('floe.dev/v1'),
  kind: z.literal('Manifest'),
  metadata: z.strictObject({
    name: z
      .string()
      .regex(
        /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u,
        'it must be 1 to 63 lower-case letters, digits and inner hyphens',
      )
      .refine((name) => !reservedNames.includes(name), `it must not be one of ${reservedNames.join(', ')}`),
    version: semanticVersion,
    owner: z.string().min(1),
    description: z.string().max(500).nullish(),
  }),
  scope: z.enum(['enterprise', 'domain']).nullish(),
  parent_manifest: z.string().min(1).nullish(),
  /** One manifest per environment. */
  environment: z.enum(['dev', 'staging', 'prod']).default('dev'),
  /** `target`: name of the generated dbt target, default the environment; `vars` override those of floe.yaml. */
  dbt: z
    .strictObject({
      target: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/u, 'it must be letters, digits, hyphens and underscores')
        .optional(),
      vars: z.record(z.string(), z.unknown()).default({}),
    })
    .nullish(),
  /** What products get when they say nothing, and the most that they may ask for. */
  execution: z
    .strictObject({ defaults: executionSettingsSchema.default({}), limits: executionLimitsSchema.default({}) })
    .nullish(),
  /** Kubernetes requests and limits by component of the orchestrator. */
  resources: resourceSettingsSchema.nullish(),
  /** The secret references that a floe.yaml on this platform may use; a trailing `*` stands for any ending. */
  allowed_secret_refs: z.array(z.string().min(1)).nullish(),
  plugins: pluginsSchema,
  governance: governanceSchema.nullish(),
  approved_plugins: z.record(z.string(), z.array(z.string().min(1))).nullish(),
  approved_sinks: z.array(z.string().min(1)).nullish(),
  approved_products: z.array(z.string().min(1)).nullish(),
  defaults: z.record(z.string(), z.string()).nullish(),
  artifacts: z
    .strictObject({
      registry: z.record(z.string(), z.unknown()),
      promotion: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  observability: observabilitySchema.nullish(),
  resource_presets: resourcePresetsSchema.nullish(),
});

export type PlatformManifest = z.infer<typeof platformManifestSchema>;
export type PluginSelection = z.infer<typeof pluginSelectionSchema>;

/** Reads manifest.yaml. Every finding has file, line and column. `file` is only used to name the place. */
export function readPlatformManifest(text: string, file: string): FileReading<PlatformManifest> {
  const { value: raw, locator, problems: syntax } = readYaml(text, file);
  if (syntax.length > 0) return { problems: syntax };
  const data = withApiVersion(raw);
  const result = platformManifestSchema.safeParse(data);
  const problems = [
    ...(result.success ? [] : schemaProblems(platformManifestSchema, data, result.error.issues, locator)),
    ...unknownTopLevelKeys(data, locator),
    ...findPlainSecrets(data, locator, ['approved_plugins', 'defaults']),
    ...(result.success ? scopeProblems(result.data, locator) : []),
  ];
  if (!result.success || hasErrors(problems)) return { problems };
  return { document: { value: result.data, locator }, problems };
}

function withApiVersion(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('api_version' in raw) || 'apiVersion' in raw) return raw;
  const { api_version: apiVersion, ...rest } = raw;
  return { apiVersion, ...rest };
}

const environmentKeys = new Set([
  'env_overrides',
  'environments',
  'env',
  'dev',
  'staging',
  'prod',
  'production',
  'target_env',
  'floe_env',
]);

function unknownTopLevelKeys(data: unknown, locator: Locator): Problem[] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  const known = Object.keys(platformManifestSchema.shape);
  return Object.keys(data)
    .filter((key) => !known.includes(key))
    .map((key) =>
      environmentKeys.has(key)
        ? {
            code: 'UNKNOWN_KEY',
            severity: 'error',
            message: `"${key}" is not allowed: a manifest describes one environment.`,
            resolution: 'Write one manifest per environment, each with "environment: dev", "staging" or "prod".',
            location: locator.locate([key], 'key'),
          }
        : unknownKeyProblem([key], known, locator, 'warning'),
    );
}
