import type { ComponentResources } from '@floe/core/plugin-interfaces';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { sizeComponent, type ResourceOverrides } from '@floe/core/resources/size-component';

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
  overrides: ResourceOverrides,
): Readonly<Record<AirflowComponent, ComponentResources>> {
  const nodes = pipeline.assets.length + pipeline.checks.length;
  const definitions = Math.ceil((nodes * 9) / 1024);
  const size = (component: AirflowComponent, milliCpu: number, mebibytes: number): ComponentResources =>
    sizeComponent(overrides[component], milliCpu, mebibytes);
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
