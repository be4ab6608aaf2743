import type { ComponentResources, ResourceQuantities } from '@floe/core/plugin-interfaces';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Pipeline } from '@floe/core/pipeline/pipeline';

/** Components of a Prefect on Kubernetes that floe sizes; `run` is the pod of one run. */
export const prefectComponents = ['server', 'worker', 'run'] as const;
export type PrefectComponent = (typeof prefectComponents)[number];

/**
 * Requests and limits by component. Measured on 3.9: a server takes 300 to 340 MB, a worker 155 MB, a run with dbt 295
 * to 310 MB; the definitions of a product take 4 kB for each asset or check in its run.
 */
export function sizeComponents(
  pipeline: Pipeline,
  overrides: NonNullable<CompiledArtifacts['orchestration']>['resources'],
): Readonly<Record<PrefectComponent, ComponentResources>> {
  const nodes = pipeline.assets.length + pipeline.checks.length;
  const states = Math.ceil((nodes * 4) / 1024);
  const size = (component: PrefectComponent, cpu: number, mebibytes: number): ComponentResources => {
    const memory = Math.ceil(mebibytes / 64) * 64;
    const given = overrides[component];
    return {
      requests: quantities(cpu, memory, given?.requests),
      limits: quantities(cpu * 2, memory * 2, given?.limits),
    };
  };
  return {
    server: size('server', 500, 512 + states),
    worker: size('worker', 250, 256),
    run: size('run', 500, 512 + 2 * states),
  };
}

function quantities(
  milliCpu: number,
  mebibytes: number,
  given: { readonly cpu?: string | undefined; readonly memory?: string | undefined } | undefined,
): ResourceQuantities {
  return { cpu: given?.cpu ?? `${milliCpu}m`, memory: given?.memory ?? `${mebibytes}Mi` };
}
