import type { ComponentResources } from '@floe/core/plugin-interfaces';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { sizeComponent, type ResourceOverrides } from '@floe/core/resources/size-component';

/** Components of a Prefect on Kubernetes that floe sizes; `run` is the pod of one run. */
export const prefectComponents = ['server', 'worker', 'run'] as const;
export type PrefectComponent = (typeof prefectComponents)[number];

/**
 * Requests and limits by component. Measured on 3.9: a server takes 300 to 340 MB, a worker 155 MB, a run with dbt 295
 * to 310 MB; the definitions of a product take 4 kB for each asset or check in its run.
 */
export function sizeComponents(
  pipeline: Pipeline,
  overrides: ResourceOverrides,
): Readonly<Record<PrefectComponent, ComponentResources>> {
  const nodes = pipeline.assets.length + pipeline.checks.length;
  const states = Math.ceil((nodes * 4) / 1024);
  const size = (component: PrefectComponent, milliCpu: number, mebibytes: number): ComponentResources =>
    sizeComponent(overrides[component], milliCpu, mebibytes);
  return {
    server: size('server', 500, 512 + states),
    worker: size('worker', 250, 256),
    run: size('run', 500, 512 + 2 * states),
  };
}
