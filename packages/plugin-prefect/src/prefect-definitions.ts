import type { DefinitionFile, Definitions } from '@floe/core/plugin-interfaces';
import { InputError } from '@floe/core/errors/floe-error';
import type { Problem } from '@floe/core/errors/problem';
import type { Job, Pipeline } from '@floe/core/pipeline/pipeline';
import { buildNodes, edgesOf } from './prefect-asset-data.js';
import { imageFiles } from './prefect-image-files.js';
import { buildNameTable } from './prefect-name-table.js';
import {
  artifactKey,
  deploymentName,
  flowName,
  ownershipTags,
  productEntrypoint,
  sensorFlowName,
} from './prefect-names.js';
import { productParameters, sensorParameters } from './prefect-parameters.js';
import {
  buildAutomations,
  buildPolledSensors,
  buildSchedules,
  buildSensorSchedules,
  heartbeatSeconds,
  type AutomationEntry,
  type ScheduleEntry,
} from './prefect-triggers.js';

/** A deployment as prefect.json has it; pool, version and files come from the installation. */
export interface DeploymentEntry {
  readonly role: 'product' | 'sensors';
  readonly flow: string;
  readonly name: string;
  readonly description: string;
  readonly entrypoint: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly parameter_openapi_schema: Readonly<Record<string, unknown>>;
  readonly concurrency_limit: number;
  readonly concurrency_options: Readonly<Record<string, unknown>>;
  readonly job_variables: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly schedules: readonly ScheduleEntry[];
}

/** What a product has at Prefect. */
export interface DeploymentPlan {
  readonly deployments: readonly DeploymentEntry[];
  readonly automations: readonly AutomationEntry[];
}

/**
 * Prefect definitions of a product: the constant loader, and prefect.json with all that it shows. Pure.
 * @throws InputError naming the file of each node whose name Prefect would refuse or confuse
 */
export function buildDefinitions(pipeline: Pipeline, loaderFiles: readonly DefinitionFile[]): Definitions {
  const names = buildNameTable(pipeline);
  if (names.problems.length > 0) throw InputError.fromProblems(names.problems);
  const { name, platform } = pipeline.product;
  const plan = buildDeploymentPlan(pipeline);
  const document = {
    schema: 1,
    product: name,
    platform,
    flow: flowName(name),
    sensor_flow: sensorFlowName(name),
    on_busy: pipeline.execution.onBusy,
    tags: ownershipTags({ platform, product: name }),
    artifacts: { record: artifactKey(name, 'record'), results: artifactKey(name, 'results') },
    nodes: buildNodes(pipeline, names),
    jobs: Object.fromEntries(pipeline.jobs.map((job) => [job.name, idsOf(job)])),
    sensors: buildPolledSensors(pipeline),
    ...plan,
  };
  return {
    assets: pipeline.assets.map(({ id }) => ({ id, nativeName: names.keys.get(id) ?? id })),
    checks: pipeline.checks.map(({ id }) => ({ id, nativeName: names.checks.get(id) ?? id })),
    jobs: pipeline.jobs.map((job) => ({ id: job.name, nativeName: job.name })),
    schedules: pipeline.schedules.map((schedule) => ({ id: schedule.name, nativeName: schedule.name })),
    sensors: pipeline.sensors.map((sensor) => ({ id: sensor.name, nativeName: sensor.name })),
    edges: edgesOf(pipeline, names),
    files: [
      ...loaderFiles,
      { path: 'prefect.json', content: `${JSON.stringify(document)}\n` },
      ...imageFiles(pipeline.dbt.adapter),
    ],
    warnings: restartWarnings(pipeline),
  };
}

/** The deployments and automations of a product. */
export function buildDeploymentPlan(pipeline: Pipeline): DeploymentPlan {
  const polled = buildPolledSensors(pipeline).length;
  return {
    deployments: [productDeployment(pipeline), ...(polled > 0 ? [sensorDeployment(pipeline, polled)] : [])],
    automations: buildAutomations(pipeline),
  };
}

/** What a product asks for and Prefect does not do. */
function restartWarnings({ execution, product }: Pipeline): Problem[] {
  if (execution.restarts === 0) return [];
  return [
    {
      code: 'INVALID_VALUE',
      severity: 'warning',
      message: `execution.restarts of ${product.name} has no effect: Prefect does not restart a run whose process is lost.`,
      resolution: 'Repeat such a run with `floe retry`, or leave the setting out.',
      location: { node: 'execution.restarts' },
    },
  ];
}

/** The ids of a job; null for the whole product. */
function idsOf(job: Job): string[] | null {
  return job.select === null && job.exclude === null ? null : [...job.assets, ...job.checks];
}

function common({ product }: Pipeline): Pick<DeploymentEntry, 'name' | 'tags'> {
  return {
    name: deploymentName(product.platform),
    tags: ownershipTags({ platform: product.platform, product: product.name }),
  };
}

function productDeployment(pipeline: Pipeline): DeploymentEntry {
  const { product, execution } = pipeline;
  return {
    role: 'product',
    flow: flowName(product.name),
    ...common(pipeline),
    description: `The data product ${product.name} ${product.version} (${product.environment}).`,
    entrypoint: productEntrypoint,
    parameters: {},
    parameter_openapi_schema: productParameters,
    // One run of a product at a time.
    concurrency_limit: 1,
    concurrency_options: {
      collision_strategy: execution.onBusy === 'wait' ? 'ENQUEUE' : 'CANCEL_NEW',
      // How long a slot is kept for a run that does not begin; Prefect takes 60 seconds to a day.
      grace_period_seconds: Math.min(86_400, Math.max(60, Math.ceil(execution.startTimeout) + 60)),
    },
    job_variables: { env: { PREFECT_FLOWS_HEARTBEAT_FREQUENCY: String(heartbeatSeconds) } },
    schedules: buildSchedules(pipeline),
  };
}

function sensorDeployment(pipeline: Pipeline, sensors: number): DeploymentEntry {
  return {
    role: 'sensors',
    flow: sensorFlowName(pipeline.product.name),
    ...common(pipeline),
    description: `Looks at files and addresses for the data product ${pipeline.product.name}.`,
    entrypoint: 'sensor.py:sensor_flow',
    parameters: {},
    parameter_openapi_schema: sensorParameters,
    // Looks that could not take place in time are not made up for.
    concurrency_limit: sensors,
    concurrency_options: { collision_strategy: 'CANCEL_NEW', grace_period_seconds: 60 },
    job_variables: {},
    schedules: buildSensorSchedules(pipeline),
  };
}
