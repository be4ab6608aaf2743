import { unpublishProduct } from '@floe/core/bundle/publish-directory';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import { deliveredHash } from '@floe/core/bundle/publish-directory';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Answer } from './airflow-client.js';
import { readDeployedDags } from './airflow-deployed-state.js';
import { deliveryDirectory, describeSwitch, switchDag, type DeploymentContext } from './airflow-deployment.js';
import { readDag, requestParsing } from './airflow-loading.js';
import { dagIdOf } from './airflow-names.js';
import { unfinishedStates } from './airflow-run-state.js';
import { readRuns } from './airflow-runs.js';

const pauseMs = 500;

/**
 * Takes a product away: its DAGs are switched off and its bundles go, so that Airflow forgets its files; the history of
 * its runs and its data stay.
 * @throws PluginExecutionError RUN_BUSY while runs of it are under way
 */
export async function removeProduct(
  context: DeploymentContext,
  product: string,
  options: DeployOptions,
): Promise<DeployResult> {
  const { client, config, clock } = context;
  const end = clock.now() + options.timeoutMs;
  const call = (): CallOptions => ({ signal: options.signal, timeoutMs: Math.max(1, end - clock.now()) });
  const dagId = dagIdOf(product);
  const directory = deliveryDirectory(config, options);
  const busy = require(await readRuns(client, dagId, { states: unfinishedStates, limit: 1 }, call()))[0];
  if (busy !== undefined) {
    throw new PluginExecutionError({
      code: 'RUN_BUSY',
      message: `Run ${busy.dag_run_id} of ${product} is under way.`,
      resolution: 'Wait for its end, or cancel it (`floe cancel`); then remove the product.',
    });
  }
  const dags = [...require(await readDeployedDags(client, product, call())).values()];
  const switches = dags.filter((dag) => !dag.is_paused).map((dag) => ({ dagId: dag.dag_id, paused: true }));
  const delivered = directory !== undefined && (await deliveredHash(directory, product)) !== undefined;
  const changes: DeployChange[] = switches.map(describeSwitch);
  if (delivered) changes.push({ action: 'delete', object: `bundle ${product} in ${directory}` });
  const drift =
    directory === undefined && dags.length > 0
      ? [`the DAG ${dagId} is still in Airflow: take its files out where they were rolled out`]
      : [];
  const result = { changes, bundleHash: '', drift, url: client.url };
  if (options.dryRun) return { ...result, applied: false };
  for (const change of switches) require(await switchDag(client, change, call()));
  if (directory !== undefined) {
    await unpublishProduct(product, directory, call(), clock);
    if (delivered && dags.length > 0) await waitUntilGone(context, dagId, call());
  }
  return { ...result, applied: true };
}

/** Airflow forgets a DAG when it lists its files the next time; until then it would be shown as if it could run. */
async function waitUntilGone(
  { client, clock, config }: DeploymentContext,
  dagId: string,
  call: CallOptions,
): Promise<void> {
  const end = clock.now() + Math.min(call.timeoutMs, config.load_timeout * 1_000);
  require(await requestParsing(client, dagId, call));
  for (;;) {
    const dag = await readDag(client, dagId, { ...call, timeoutMs: Math.max(1, end - clock.now()) });
    if (dag.ok && dag.value?.is_stale !== false) return;
    if (clock.now() >= end) return;
    await clock.sleep(pauseMs, call.signal);
  }
}

function require<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  const { code, message, resolution } = answer.failure;
  throw new PluginExecutionError({ code, message, resolution });
}
