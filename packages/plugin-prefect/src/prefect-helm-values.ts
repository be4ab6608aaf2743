import type { ComponentResources } from '@floe/core/plugin-interfaces';
import { parseSecretReference } from '@floe/core/secrets/secret-reference';
import type { PrefectConfig } from './prefect-config.js';
import type { PrefectComponent } from './prefect-resources.js';
import { prefectVersion } from './prefect-versions.js';

/** Key of a secret that both charts read. */
const authenticationKey = 'auth-string';
const cloudAddress = /^https:\/\/api\.prefect\.cloud\/api\/accounts\/([^/]+)\/workspaces\/([^/]+)\/?$/u;

/**
 * An overlay for a chart that has the official charts `prefect-server` and `prefect-worker` as its parts (read in
 * August 2026): only keys that they read. Secrets are named, never given; Prefect Cloud needs no server of its own.
 */
export function buildHelmValues(
  config: PrefectConfig,
  resources: Readonly<Record<PrefectComponent, ComponentResources>>,
): Readonly<Record<string, unknown>> {
  const cloud = cloudAddress.exec(config.url ?? '');
  const worker = {
    worker: {
      image: { prefectTag: workerTag(config) },
      config: {
        workPool: config.work_pool,
        type: config.work_pool_type,
        ...(config.work_queue !== undefined && { workQueues: [config.work_queue] }),
      },
      ...(cloud === null ? selfHosted(config) : cloudApi(config, cloud)),
      resources: config.work_pool_type === 'process' ? runsInWorker(resources) : resources.worker,
    },
  };
  return cloud === null
    ? { 'prefect-server': serverValues(config, resources), 'prefect-worker': worker }
    : { 'prefect-worker': worker };
}

function serverValues(
  config: PrefectConfig,
  resources: Readonly<Record<PrefectComponent, ComponentResources>>,
): Readonly<Record<string, unknown>> {
  return {
    global: { prefect: { image: { prefectTag: `${prefectVersion}-python3.11` } } },
    server: {
      resources: resources.server,
      env: [{ name: 'PREFECT_SERVER_ANALYTICS_ENABLED', value: 'false' }],
      ...basicAuth(config),
    },
  };
}

/** The image of the official worker has the types kubernetes and process. */
function workerTag(config: PrefectConfig): string {
  return `${prefectVersion}-python3.11${config.work_pool_type === 'kubernetes' ? '-kubernetes' : ''}`;
}

function selfHosted(config: PrefectConfig): Readonly<Record<string, unknown>> {
  return {
    apiConfig: 'selfHostedServer',
    selfHostedServerApiConfig: { ...(config.url !== undefined && { apiUrl: config.url }), ...basicAuth(config) },
  };
}

function cloudApi(
  config: PrefectConfig,
  [, accountId, workspaceId]: RegExpExecArray,
): Readonly<Record<string, unknown>> {
  const secret = kubernetesSecret(config.api_key);
  return {
    apiConfig: 'cloud',
    cloudApiConfig: {
      accountId,
      workspaceId,
      ...(secret !== undefined && { apiKeySecret: { name: secret.name, key: secret.key ?? 'token' } }),
    },
  };
}

/** Only for a secret that the charts can read: theirs is named by its name, with a fixed key. */
function basicAuth(config: PrefectConfig): Readonly<Record<string, unknown>> {
  const secret = kubernetesSecret(config.auth_string);
  return secret?.key === authenticationKey ? { basicAuth: { enabled: true, existingSecret: secret.name } } : {};
}

function kubernetesSecret(reference: string | undefined): { name: string; key: string | null } | undefined {
  if (reference === undefined) return undefined;
  const parsed = parseSecretReference(reference);
  return parsed.ok && parsed.value.kind === 'k8s' ? { name: parsed.value.name, key: parsed.value.key } : undefined;
}

/** A worker of type process runs dbt itself. */
function runsInWorker({ worker, run }: Readonly<Record<PrefectComponent, ComponentResources>>): ComponentResources {
  return { requests: { ...worker.requests, ...run.requests }, limits: { ...worker.limits, ...run.limits } };
}
