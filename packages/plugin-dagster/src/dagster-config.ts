import { secretHeadersSchema, serverUrlSchema, tlsSchema } from '@floe/core/connection/connection-settings';
import { deliverySchema } from '@floe/core/deployment/delivery';
import { z } from 'zod';

/**
 * `plugins.orchestrator.config` of manifest.yaml for `type: dagster`. Strict: an unknown key is a typing mistake.
 * Secrets are given by reference (`env:NAME`, `file:/path`, `k8s:namespace/name#key`), never as text.
 */
export const dagsterConfigSchema = z.strictObject({
  /** Address of the webserver with its path prefix, without /graphql; for example https://dagster.example.com. */
  url: serverUrlSchema.optional(),
  delivery: deliverySchema.optional(),
  /** Name of the code location; `{product}` stands for the product's name. */
  code_location: z.string().min(1).default('{product}'),
  /** Name of the repository in the code location; Dagster calls the one of a Definitions object `__repository__`. */
  repository: z.string().min(1).default('__repository__'),
  /** HTTP headers by secret reference, for a proxy in front of Dagster or for Dagster+. */
  headers: secretHeadersSchema,
  tls: tlsSchema,
  /** Seconds for one request while a run is watched or a product is deployed. */
  request_timeout: z.number().positive().max(600).default(30),
  /** Seconds in which a code location must have loaded after a deployment. */
  load_timeout: z.number().positive().max(3600).default(180),
  /**
   * Seconds after which the daemon has read a changed workspace.yaml (Dagster itself: 60). A run that it takes from the
   * queue before is failed by Dagster, so a new code location is used only after this time.
   */
  daemon_workspace_delay: z.number().min(0).max(3600).default(65),
  /** Seconds without a heartbeat after which a daemon counts as dead (Dagster itself waits 1,800). */
  daemon_heartbeat_tolerance: z.number().min(60).default(120),
});

export type DagsterConfig = z.infer<typeof dagsterConfigSchema>;

/** The code location of a product. */
export function codeLocationOf(config: DagsterConfig, product: string): string {
  return config.code_location.replaceAll('{product}', product);
}
