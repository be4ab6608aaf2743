import { z } from 'zod';

/** How the bundle reaches the workers of Prefect. */
const delivery = z.discriminatedUnion('kind', [
  /** A folder that floe writes and the workers read under the same path. */
  z.strictObject({ kind: z.literal('directory'), path: z.string().min(1) }),
  /** A container image that somebody builds from the bundle; workers of type docker or kubernetes start it. */
  z.strictObject({ kind: z.literal('image'), ref: z.string().min(1) }),
  /** A git repository with the bundle at its root; each run clones it. */
  z.strictObject({ kind: z.literal('git'), url: z.string().min(1), ref: z.string().min(1) }),
]);

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
  url: z.url({ protocol: /^https?$/u, error: 'must be an address that begins with http:// or https://' }).optional(),
  /** Secret reference of `user:password`, as the server's PREFECT_SERVER_API_AUTH_STRING has it. */
  auth_string: z.string().min(1).optional(),
  /** Secret reference of an API key of Prefect Cloud. */
  api_key: z.string().min(1).optional(),
  delivery: delivery.optional(),
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
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/u), z.string().min(1)).default({}),
  tls: z
    .strictObject({
      /** Secret reference of the PEM text of a private certificate authority. */
      certificate_authority: z.string().min(1).optional(),
      client_certificate: z.string().min(1).optional(),
      client_key: z.string().min(1).optional(),
    })
    .default({}),
  /** Seconds for one request while a product is deployed. */
  request_timeout: z.number().positive().max(600).default(30),
  /** Seconds without a heartbeat after which a worker counts as dead; workers send one every 30 s. */
  worker_heartbeat_tolerance: z.number().min(30).default(90),
});

export type PrefectConfig = z.infer<typeof prefectConfigSchema>;
