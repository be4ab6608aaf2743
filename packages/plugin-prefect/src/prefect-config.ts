import { secretHeadersSchema, serverUrlSchema, tlsSchema } from '@floe/core/connection/connection-settings';
import { deliverySchema } from '@floe/core/deployment/delivery';
import { z } from 'zod';

/** A key-value pair of a worker's job template. */
const jobVariables = z.record(z.string().min(1), z.json());

/**
 * `plugins.orchestrator.config` of manifest.yaml for `type: prefect`. Strict: an unknown key is a typing mistake.
 * Secrets are given by reference (`env:NAME`, `file:/path`, `k8s:namespace/name#key`), never as text.
 */
export const prefectConfigSchema = z.strictObject({
  /**
   * Root of the REST API, for example http://prefect.example.com:4200/api, or for Prefect Cloud
   * https://api.prefect.cloud/api/accounts/<account>/workspaces/<workspace>.
   */
  url: serverUrlSchema.optional(),
  /** Secret reference of `user:password`, as the server's PREFECT_SERVER_API_AUTH_STRING has it. */
  auth_string: z.string().min(1).optional(),
  /** Secret reference of an API key of Prefect Cloud. */
  api_key: z.string().min(1).optional(),
  delivery: deliverySchema.optional(),
  /** Work pool of the product's runs; made at the first deployment when it is missing. */
  work_pool: z
    .string()
    .min(1)
    .regex(/^(?!prefect)[^/%&<>]+$/iu, 'must not begin with "prefect" and have none of / % & < >')
    .default('floe'),
  work_pool_type: z.enum(['process', 'docker', 'kubernetes']).default('process'),
  /** Queue of the work pool; default is the pool's own. */
  work_queue: z.string().min(1).optional(),
  /** Job variables of the work pool's template for all runs, for example memory or service account. No secrets. */
  job_variables: jobVariables.default({}),
  /** HTTP headers by secret reference, for a proxy in front of Prefect. */
  headers: secretHeadersSchema,
  tls: tlsSchema,
  /** Seconds for one request while a run is watched or a product is deployed. */
  request_timeout: z.number().positive().max(600).default(30),
  /** Seconds without a heartbeat after which a worker counts as dead; workers send one every 30 s. */
  worker_heartbeat_tolerance: z.number().min(30).default(90),
});

export type PrefectConfig = z.infer<typeof prefectConfigSchema>;
