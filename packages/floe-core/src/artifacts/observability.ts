import { z } from 'zod';

/** `(?i)` of the Python floe's pattern, written out: JavaScript's regular expressions do not know it. */
const logLevel = z
  .string()
  .regex(
    /^(?:[Dd][Ee][Bb][Uu][Gg]|[Ii][Nn][Ff][Oo]|[Ww][Aa][Rr][Nn][Ii][Nn][Gg]|[Ee][Rr][Rr][Oo][Rr]|[Cc][Rr][Ii][Tt][Ii][Cc][Aa][Ll])$/u,
    'it must be DEBUG, INFO, WARNING, ERROR or CRITICAL',
  );
const environment = z.enum(['dev', 'staging', 'prod']);
const shortText = z.string().min(1).max(128);
const fraction = z.number().min(0).max(1);
const positiveCount = z.number().int().min(1);

const resourceAttributes = z.looseObject({
  service_name: shortText,
  service_version: z.string().regex(/^\d+\.\d+\.\d+.*$/u, 'it must start like 1.0.0'),
  deployment_environment: environment,
  /** Name of the platform manifest; `default` in files of the Python floe. */
  floe_namespace: shortText,
  floe_product_name: shortText,
  floe_product_version: z.string(),
  floe_mode: environment,
});

/** Credentials of the collector; the secret parts are references, never values. */
const authentication = z.looseObject({
  auth_type: z.enum(['api_key', 'bearer']),
  api_key: z.string().nullable().default(null),
  bearer_token: z.string().nullable().default(null),
  header_name: z.string().default('Authorization'),
});

const batchProcessor = z
  .looseObject({
    max_queue_size: positiveCount.default(2048),
    max_export_batch_size: positiveCount.default(512),
    schedule_delay_millis: positiveCount.default(5000),
    export_timeout_millis: positiveCount.default(30_000),
  })
  .refine((settings) => settings.max_export_batch_size <= settings.max_queue_size, {
    path: ['max_export_batch_size'],
    message: 'it must not be more than max_queue_size',
  });

const telemetry = z.looseObject({
  enabled: z.boolean().default(true),
  otlp_endpoint: z.string().default('http://localhost:4317'),
  otlp_protocol: z.enum(['grpc', 'http']).default('grpc'),
  sampling: z
    .looseObject({ dev: fraction.default(1), staging: fraction.default(0.5), prod: fraction.default(0.1) })
    .prefault({}),
  resource_attributes: resourceAttributes,
  authentication: authentication.nullable().default(null),
  batch_processor: batchProcessor.prefault({}),
  logging: z.looseObject({ log_level: logLevel.default('INFO'), json_output: z.boolean().default(true) }).prefault({}),
  backend: z.string().default('console'),
});

export const observabilitySchema = z.looseObject({
  telemetry,
  lineage: z.boolean().default(true),
  lineage_namespace: z.string().min(1),
  lineage_endpoint: z.string().nullable().default(null),
  lineage_transport: z.enum(['http', 'file', 'console', 'noop']).nullable().default(null),
  /** Puts dbt's messages into the events of failures; they may show data and SQL. */
  lineage_include_messages: z.boolean().optional(),
});

export type Observability = z.infer<typeof observabilitySchema>;
