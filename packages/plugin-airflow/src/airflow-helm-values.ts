import type { ComponentResources } from '@floe/core/plugin-interfaces';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { AirflowConfig } from './airflow-config.js';
import { workerConcurrency, type AirflowComponent } from './airflow-resources.js';
import { airflowVersion } from './airflow-versions.js';

/**
 * An overlay for the official chart `airflow` (read at 1.22.0): only keys that the chart reads, none that it has given
 * up. All components run from the image of `delivery`, when there is one: the triggerer and the workers need floe's
 * runtime.
 */
export function buildHelmValues(
  pipeline: Pipeline,
  config: AirflowConfig,
  resources: Readonly<Record<AirflowComponent, ComponentResources>>,
): Readonly<Record<string, unknown>> {
  return {
    executor: 'CeleryExecutor',
    airflowVersion,
    apiServer: { resources: resources['api-server'] },
    scheduler: { resources: resources.scheduler },
    dagProcessor: { enabled: true, resources: resources['dag-processor'], ...gitBundle(config) },
    triggerer: { enabled: true, resources: resources.triggerer },
    workers: { celery: { resources: resources.worker } },
    config: {
      core: { load_examples: 'False' },
      celery: { worker_concurrency: workerConcurrency },
      scheduler: { task_queued_timeout: Math.max(600, Math.ceil(pipeline.execution.startTimeout)) },
      usage_data_collection: { enabled: 'False' },
    },
    ...secretNames(config),
    ...image(config),
  };
}

/** Without names the chart makes new secrets at each upgrade, which ends running tasks and every token. */
function secretNames({ helm }: AirflowConfig): Readonly<Record<string, unknown>> {
  const { jwt_secret: jwt, api_secret: api, fernet_secret: fernet } = helm;
  return {
    ...(jwt !== undefined && { jwtSecretName: jwt }),
    ...(api !== undefined && { apiSecretKeySecretName: api }),
    ...(fernet !== undefined && { fernetKeySecretName: fernet }),
  };
}

function image({ delivery }: AirflowConfig): Readonly<Record<string, unknown>> {
  if (delivery?.kind !== 'image') return {};
  return { images: { airflow: { ...splitImage(delivery.ref), pullPolicy: 'IfNotPresent' } } };
}

/** Airflow's own reader of git repositories: a run keeps the commit that it began with. */
function gitBundle({ delivery }: AirflowConfig): Readonly<Record<string, unknown>> {
  if (delivery?.kind !== 'git') return {};
  return {
    dagBundleConfigList: [
      {
        name: 'floe',
        classpath: 'airflow.providers.git.bundles.git.GitDagBundle',
        kwargs: { repo_url: delivery.url, tracking_ref: delivery.ref },
      },
    ],
  };
}

/** `registry:5000/team/name:tag`; a colon before the last slash belongs to the registry. */
function splitImage(reference: string): { repository: string; tag: string } {
  const colon = reference.lastIndexOf(':');
  if (colon > reference.lastIndexOf('/')) {
    return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
  }
  return { repository: reference, tag: 'latest' };
}
