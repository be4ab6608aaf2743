import type { DefinitionEntry, DefinitionFile, Definitions } from '@floe/core/plugin-interfaces';
import { InputError } from '@floe/core/errors/floe-error';
import type { ExecutionPolicy, Pipeline } from '@floe/core/pipeline/pipeline';
import { buildAssetData, type AssetData } from './airflow-asset-data.js';
import { imageFiles } from './airflow-image-files.js';
import { buildNameTable } from './airflow-name-table.js';
import { buildTasks, nodeTaskLimit } from './airflow-node-tasks.js';
import { buildTriggerData } from './airflow-triggers.js';

/** How a product shows at Airflow. */
export interface Appearance {
  /** `node`: a task for each asset; `auto`: the same, when there is a place for states and not more than 50 assets. */
  readonly granularity: 'auto' | 'build' | 'node';
  /** Where the build writes the states of nodes and the triggerer reads them: a URL of fsspec. */
  readonly statusUrl?: string | undefined;
}

/**
 * Airflow definitions of a product: the constant loader, and airflow.json with all that it shows. Pure.
 * @throws InputError naming the file of each node whose name Airflow would refuse or confuse
 */
export function buildDefinitions(
  pipeline: Pipeline,
  loaderFiles: readonly DefinitionFile[],
  appearance: Appearance = { granularity: 'build' },
): Definitions {
  const names = buildNameTable(pipeline);
  if (names.problems.length > 0) throw InputError.fromProblems(names.problems);
  const assetData = buildAssetData(pipeline, names);
  const { execution, product } = pipeline;
  const document = {
    schema: 1,
    product: product.name,
    platform: product.platform,
    dag_id: names.dagId,
    description: `${product.name} ${product.version}: builds and tests the product with dbt.`,
    ...taskData(pipeline, appearance),
    on_busy: execution.onBusy,
    restarts: execution.restarts,
    timeout: execution.timeout,
    dagrun_timeout: dagrunTimeout(execution),
    ...assetData,
    ...buildTriggerData(pipeline, names),
  };
  return {
    assets: pipeline.assets.map(({ id }) => ({ id, nativeName: names.assets.get(id)?.name ?? id })),
    checks: pipeline.checks.map(({ id }) => ({ id, nativeName: names.checks.get(id) ?? id })),
    jobs: pipeline.jobs.map(({ name }) => ({ id: name, nativeName: name })),
    schedules: entries(pipeline.schedules, names.schedules),
    sensors: entries(pipeline.sensors, names.sensors),
    edges: edgesOf(assetData),
    files: [
      ...loaderFiles,
      { path: 'airflow.json', content: `${JSON.stringify(document)}\n` },
      ...imageFiles(pipeline.dbt.adapter),
    ],
    warnings: [],
  };
}

/** The part of airflow.json about node tasks. */
function taskData(pipeline: Pipeline, { granularity, statusUrl }: Appearance): Readonly<Record<string, unknown>> {
  const isSmall = pipeline.assets.length <= nodeTaskLimit;
  if (granularity === 'build' || (granularity === 'auto' && (statusUrl === undefined || !isSmall))) {
    return { granularity: 'build', status_url: '', tasks: [] };
  }
  if (statusUrl === undefined || !isSmall) throw cannotShowNodes(pipeline, statusUrl);
  return { granularity: 'node', status_url: statusUrl, tasks: buildTasks(pipeline) };
}

function cannotShowNodes({ assets, product }: Pipeline, statusUrl: string | undefined): InputError {
  return new InputError({
    code: 'INVALID_VALUE',
    message:
      statusUrl === undefined
        ? 'plugins.orchestrator.config.granularity is "node", but status_url does not say where the states of nodes go.'
        : `plugins.orchestrator.config.granularity is "node", but ${product.name} has ${assets.length} assets; more than ${nodeTaskLimit} tasks slow Airflow's triggerer down.`,
    resolution: 'Set granularity to "auto", which shows nodes as tasks only where that works well.',
  });
}

const day = 86_400;
/** Seconds for the tasks around dbt, and for Airflow to notice a lost worker. */
const margin = 600;

/**
 * Seconds after which Airflow gives a run up. Only the last resort: the limit of the task that runs dbt follows the
 * request, which may ask for more time than the product's own limit.
 */
function dagrunTimeout({ timeout, queueTimeout, startTimeout }: ExecutionPolicy): number {
  return Math.max(day, Math.ceil(timeout + queueTimeout + startTimeout) + margin);
}

function entries(items: readonly { readonly name: string }[], names: ReadonlyMap<string, string>): DefinitionEntry[] {
  return items.map(({ name }) => ({ id: name, nativeName: names.get(name) ?? name }));
}

function edgesOf({ assets, externals, exposures }: AssetData): (readonly [string, string])[] {
  const nodes = [...assets, ...externals];
  return [...nodes, ...exposures].flatMap((node) =>
    (node.upstream ?? []).flatMap((index) => {
      const upstream = nodes[index];
      return upstream === undefined ? [] : [[upstream.name, node.name] as const];
    }),
  );
}
