import type { ComponentResources, ResourceQuantities } from '@floe/core/plugin-interfaces';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Pipeline } from '@floe/core/pipeline/pipeline';

/** Components of a Dagster on Kubernetes that floe sizes. */
export const dagsterComponents = ['webserver', 'daemon', 'code-server', 'run-worker'] as const;
export type DagsterComponent = (typeof dagsterComponents)[number];

/**
 * Requests and limits by component. Measured on 1.13: a code server needs 67 MB and 15 kB for each asset or check; the
 * webserver and the daemon hold the snapshot of every location; a run worker holds Dagster and one dbt process.
 */
export function sizeComponents(
  pipeline: Pipeline,
  overrides: NonNullable<CompiledArtifacts['orchestration']>['resources'],
): Readonly<Record<DagsterComponent, ComponentResources>> {
  const nodes = pipeline.assets.length + pipeline.checks.length;
  const definitions = Math.ceil((nodes * 15) / 1024);
  const size = (component: DagsterComponent, cpu: number, mebibytes: number): ComponentResources => {
    const memory = Math.ceil(mebibytes / 64) * 64;
    const given = overrides[component];
    return {
      requests: quantities(cpu, memory, given?.requests),
      limits: quantities(cpu * 2, memory * 2, given?.limits),
    };
  };
  return {
    webserver: size('webserver', 250, 256 + definitions),
    daemon: size('daemon', 250, 256 + definitions),
    'code-server': size('code-server', 250, 192 + definitions),
    'run-worker': size('run-worker', 500, 512 + 2 * definitions),
  };
}

function quantities(
  milliCpu: number,
  mebibytes: number,
  given: { readonly cpu?: string | undefined; readonly memory?: string | undefined } | undefined,
): ResourceQuantities {
  return { cpu: given?.cpu ?? `${milliCpu}m`, memory: given?.memory ?? `${mebibytes}Mi` };
}
