import type { ComponentResources } from '@floe/core/plugin-interfaces';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { DagsterConfig } from './dagster-config.js';
import type { DagsterComponent } from './dagster-resources.js';

/**
 * An overlay for the official chart `dagster` (read at 1.12.17): only keys that the chart reads. Telemetry is off, lost
 * runs are noticed, and a product's code location runs from the image of `delivery`, when there is one.
 */
export function buildHelmValues(
  pipeline: Pipeline,
  config: DagsterConfig,
  location: string,
  resources: Readonly<Record<DagsterComponent, ComponentResources>>,
): Readonly<Record<string, unknown>> {
  return {
    telemetry: { enabled: false },
    dagsterWebserver: { resources: resources.webserver },
    dagsterDaemon: {
      resources: resources.daemon,
      runCoordinator: { enabled: true, type: 'QueuedRunCoordinator' },
      runMonitoring: {
        enabled: true,
        startTimeoutSeconds: Math.max(300, pipeline.execution.startTimeout),
        freeSlotsAfterRunEndSeconds: 60,
      },
      runRetries: { enabled: true, maxRetries: 0, retryOnAssetOrOpFailure: false },
    },
    runLauncher: {
      type: 'K8sRunLauncher',
      config: { k8sRunLauncher: { resources: resources['run-worker'] } },
    },
    ...userDeployments(config, location, resources['code-server']),
  };
}

function userDeployments(
  { delivery }: DagsterConfig,
  location: string,
  resources: ComponentResources,
): Readonly<Record<string, unknown>> {
  if (delivery?.kind !== 'image') return {};
  const { repository, tag } = splitImage(delivery.ref);
  return {
    'dagster-user-deployments': {
      enabled: true,
      deployments: [
        {
          name: location,
          image: { repository, tag, pullPolicy: 'IfNotPresent' },
          port: 4000,
          codeServerArgs: ['--python-file', 'definitions.py'],
          resources,
        },
      ],
    },
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
