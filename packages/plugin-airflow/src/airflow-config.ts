import { secretHeadersSchema, serverUrlSchema, tlsSchema } from '@floe/core/connection/connection-settings';
import { deliverySchema } from '@floe/core/deployment/delivery';
import { z } from 'zod';

/**
 * `plugins.orchestrator.config` of manifest.yaml for `type: airflow`. Strict: an unknown key is a typing mistake.
 * Secrets are given by reference (`env:NAME`, `file:/path`, `k8s:namespace/name#key`), never as text.
 */
export const airflowConfigSchema = z.strictObject({
  /** Address of the API server with its path prefix, without /api/v2; for example https://airflow.example.com. */
  url: serverUrlSchema.optional(),
  delivery: deliverySchema.optional(),
  /**
   * Secret reference of the credentials, in place of connection_secret_ref: a JSON object with `username` and
   * `password`, or with `token`; any other text is a token.
   */
  credentials: z.string().min(1).optional(),
  /** HTTP headers by secret reference, for a proxy in front of Airflow. */
  headers: secretHeadersSchema,
  tls: tlsSchema,
  /**
   * What Airflow shows of a product: `build` is one task; with `node` each asset is a task of its own, which takes no
   * worker; `auto` does that when `status_url` is set and the product has at most 50 assets.
   */
  granularity: z.enum(['auto', 'build', 'node']).default('auto'),
  /**
   * A place that workers and the triggerer share, as a URL of fsspec: file:///shared/floe-status, s3://bucket/status.
   * The states of a run's nodes are written there.
   */
  status_url: z
    .string()
    .regex(/^[a-z0-9+.-]+:\/\/./u, 'must be a URL like file:///shared/floe-status')
    .optional(),
  /** Names of Kubernetes secrets for the official chart, which otherwise makes new ones at each upgrade. */
  helm: z
    .strictObject({
      jwt_secret: z.string().min(1).optional(),
      api_secret: z.string().min(1).optional(),
      fernet_secret: z.string().min(1).optional(),
    })
    .default({}),
  /** Seconds for one request while a run is watched or a product is deployed. */
  request_timeout: z.number().positive().max(600).default(30),
  /** Seconds in which Airflow must show the new DAG after a deployment. */
  load_timeout: z.number().positive().max(3600).default(180),
});

export type AirflowConfig = z.infer<typeof airflowConfigSchema>;
