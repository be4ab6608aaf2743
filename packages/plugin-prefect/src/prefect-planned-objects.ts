import type { Bundle } from '@floe/core/bundle/bundle';
import type { Definitions } from '@floe/core/plugin-interfaces';
import { z } from 'zod';
import type { PrefectConfig } from './prefect-config.js';

const json = z.record(z.string(), z.unknown());

const plannedSchedule = z.object({
  slug: z.string(),
  active: z.boolean(),
  schedule: json,
  parameters: json,
});
export type PlannedSchedule = z.infer<typeof plannedSchedule>;

const plannedDeployment = z.object({
  role: z.enum(['product', 'sensors']),
  flow: z.string(),
  name: z.string(),
  description: z.string(),
  entrypoint: z.string(),
  parameters: json,
  parameter_openapi_schema: json,
  concurrency_limit: z.number(),
  concurrency_options: json,
  job_variables: json,
  tags: z.array(z.string()),
  schedules: z.array(plannedSchedule),
});

const plannedAutomation = z.object({
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  tags: z.array(z.string()),
  trigger: json,
  actions: z.array(json),
});
export type PlannedAutomation = z.infer<typeof plannedAutomation>;

const planSchema = z.object({
  product: z.string(),
  platform: z.string(),
  sensors: z.array(z.object({ cursor: z.string() })),
  deployments: z.array(plannedDeployment),
  automations: z.array(plannedAutomation),
});

/** A deployment with everything that depends on the installation. */
export interface PlannedDeployment extends z.infer<typeof plannedDeployment> {
  readonly version: string;
  readonly pullSteps: readonly Readonly<Record<string, unknown>>[];
  readonly workPool: string;
  readonly workQueue: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Every object that a product has at Prefect. */
export interface PlannedObjects {
  readonly product: string;
  readonly platform: string;
  readonly deployments: readonly PlannedDeployment[];
  /** Ids of deployments stand in them as `{deployment:<role>}`. */
  readonly automations: readonly PlannedAutomation[];
  /** Variables in which polling sensors keep what they saw. */
  readonly cursors: readonly string[];
}

/** The queue that every work pool has. */
const defaultQueue = 'default';

/** Folder of the bundle in images that are built from its Dockerfile. */
export const imageDirectory = '/opt/floe';

export interface InstallationPlace {
  readonly config: PrefectConfig;
  /** Folder of the bundle where the workers see it; undefined when it comes as image or from git. */
  readonly directory: string | undefined;
}

/** The objects of a bundle: what its prefect.json says, with pool, version and files of this installation. */
export function plannedObjects(bundle: Pick<Bundle, 'definitions' | 'hash'>, place: InstallationPlace): PlannedObjects {
  const plan = readPlan(bundle.definitions);
  const { config } = place;
  return {
    product: plan.product,
    platform: plan.platform,
    automations: plan.automations,
    cursors: plan.sensors.map(({ cursor }) => cursor),
    deployments: plan.deployments.map((deployment) => ({
      ...deployment,
      job_variables: mergeVariables(
        deployment.job_variables,
        config.delivery?.kind === 'image' && place.directory === undefined ? { image: config.delivery.ref } : {},
        config.job_variables,
      ),
      version: bundle.hash,
      pullSteps: pullSteps(place),
      workPool: config.work_pool,
      workQueue: config.work_queue ?? defaultQueue,
      labels: { 'floe.platform': plan.platform, 'floe.product': plan.product },
    })),
  };
}

function readPlan(definitions: Pick<Definitions, 'files'>): z.infer<typeof planSchema> {
  const file = definitions.files.find(({ path }) => path === 'prefect.json');
  return planSchema.parse(JSON.parse(file?.content ?? 'null'));
}

const commitHash = /^[0-9a-f]{40}$/u;

/** Without pull steps a worker would copy the working folder of a path entrypoint, which is never meant. */
function pullSteps({ config, directory }: InstallationPlace): Readonly<Record<string, unknown>>[] {
  const { delivery } = config;
  if (directory === undefined && delivery?.kind === 'git') {
    const revision = commitHash.test(delivery.ref) ? { commit_sha: delivery.ref } : { branch: delivery.ref };
    return [{ 'prefect.deployments.steps.git_clone': { repository: delivery.url, ...revision } }];
  }
  return [{ 'prefect.deployments.steps.set_working_directory': { directory: directory ?? imageDirectory } }];
}

/** Later ones win; `env` and `labels` are joined. */
function mergeVariables(...layers: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      const before = merged[name];
      merged[name] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
    }
  }
  return merged;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An automation with the ids of the deployments in it. */
export function withDeploymentIds(automation: PlannedAutomation, ids: ReadonlyMap<string, string>): PlannedAutomation {
  const text = JSON.stringify(automation).replaceAll(
    /\{deployment:(\w+)\}/gu,
    (placeholder: string, role: string) => ids.get(role) ?? placeholder,
  );
  return plannedAutomation.parse(JSON.parse(text));
}
