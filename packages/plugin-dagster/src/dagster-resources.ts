import type { ComponentResources } from '@floe/core/plugin-interfaces';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { sizeComponent, type ResourceOverrides } from '@floe/core/resources/size-component';

/** Components of a Dagster on Kubernetes that floe sizes. */
export const dagsterComponents = ['webserver', 'daemon', 'code-server', 'run-worker'] as const;
export type DagsterComponent = (typeof dagsterComponents)[number];

/**
 * Requests and limits by component. Measured on 1.13: a code server needs 67 MB and 15 kB for each asset or check; the
 * webserver and the daemon hold the snapshot of every location; a run worker holds Dagster and one dbt process.
 */
export function sizeComponents(
  pipeline: Pipeline,
  overrides: ResourceOverrides,
): Readonly<Record<DagsterComponent, ComponentResources>> {
  const nodes = pipeline.assets.length + pipeline.checks.length;
  const definitions = Math.ceil((nodes * 15) / 1024);
  const size = (component: DagsterComponent, milliCpu: number, mebibytes: number): ComponentResources =>
    sizeComponent(overrides[component], milliCpu, mebibytes);
  return {
    webserver: size('webserver', 250, 256 + definitions),
    daemon: size('daemon', 250, 256 + definitions),
    'code-server': size('code-server', 250, 192 + definitions),
    'run-worker': size('run-worker', 500, 512 + 2 * definitions),
  };
}
