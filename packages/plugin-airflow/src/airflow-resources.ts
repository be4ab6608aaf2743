import type { ComponentResources, ResourceQuantities } from '@floe/core/plugin-interfaces';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Pipeline } from '@floe/core/pipeline/pipeline';

/** Components of an Airflow on Kubernetes that floe sizes. */
export const airflowComponents = ['api-server', 'scheduler', 'dag-processor', 'triggerer', 'worker'] as const;
export type AirflowComponent = (typeof airflowComponents)[number];

/** Tasks that a worker of Celery is sized for at once: runs of several products, and the small tasks around them. */
export const workerConcurrency = 4;

/** MiB of a process that has imported Airflow, and of dbt beside it. */
const airflowProcess = 150;
const dbtProcess = 350;

/**
 * Requests and limits by component. Measured on 3.3: a process of Airflow takes 130 MB before it does anything; reading
 * a product takes 4 kB for each asset or check, and serializing it 5 kB more; dbt takes 190 to 240 MB.
 */
export function sizeComponents(
  pipeline: Pipeline,
  overrides: NonNullable<CompiledArtifacts['orchestration']>['resources'],
): Readonly<Record<AirflowComponent, ComponentResources>> {
  const nodes = pipeline.assets.length + pipeline.checks.length;
  const definitions = Math.ceil((nodes * 9) / 1024);
  const size = (component: AirflowComponent, cpu: number, mebibytes: number): ComponentResources => {
    const memory = Math.ceil(mebibytes / 64) * 64;
    const given = overrides[component];
    return {
      requests: quantities(cpu, memory, given?.requests),
      limits: quantities(cpu * 2, memory * 2, given?.limits),
    };
  };
  return {
    'api-server': size('api-server', 500, 1024 + definitions),
    scheduler: size('scheduler', 500, 1024 + definitions),
    'dag-processor': size('dag-processor', 500, 1024 + 2 * definitions),
    triggerer: size('triggerer', 250, 512 + definitions),
    worker: size(
      'worker',
      500 * workerConcurrency,
      256 + workerConcurrency * (airflowProcess + dbtProcess) + definitions,
    ),
  };
}

function quantities(
  milliCpu: number,
  mebibytes: number,
  given: { readonly cpu?: string | undefined; readonly memory?: string | undefined } | undefined,
): ResourceQuantities {
  return { cpu: given?.cpu ?? `${milliCpu}m`, memory: given?.memory ?? `${mebibytes}Mi` };
}
