import { unpublishProduct } from '@floe/core/bundle/publish-directory';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { BackendFault } from '@floe/core/execution/run-backend';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { Answer } from './dagster-client.js';
import { codeLocationOf } from './dagster-config.js';
import { deliveryDirectory, type DeploymentContext } from './dagster-deployment.js';
import { readDeployedTriggers, type DeployedTrigger } from './dagster-deployed-state.js';
import { reloadWorkspace } from './dagster-loading.js';
import { unfinishedStatuses } from './dagster-run-state.js';
import { floeTags } from './dagster-run-tags.js';
import { readRuns } from './dagster-runs.js';
import { applyTriggerChange, describeTriggerChange, type TriggerChange } from './dagster-trigger-changes.js';
import { readDeliveredLocations, removeDeliveredLocation } from './dagster-workspace-file.js';

/**
 * Takes a product away: its triggers are switched off, its code location and its bundles go; its runs and its data stay.
 * @throws PluginExecutionError RUN_BUSY while runs of it are under way
 */
export async function removeProduct(
  { client, config, clock }: DeploymentContext,
  product: string,
  options: DeployOptions,
): Promise<DeployResult> {
  const end = clock.now() + options.timeoutMs;
  const call = (): { signal: AbortSignal; timeoutMs: number } => ({
    signal: options.signal,
    timeoutMs: Math.max(1, end - clock.now()),
  });
  const name = { location: codeLocationOf(config, product), repository: config.repository };
  const directory = deliveryDirectory(config, options);
  const tags = [{ key: floeTags.product, value: product }];
  const running = require(await readRuns(client, { tags, statuses: [...unfinishedStatuses] }, 1, call()));
  const busy = running[0];
  if (busy !== undefined) {
    throw new PluginExecutionError({
      code: 'RUN_BUSY',
      message: `Run ${busy.runId} of ${product} is under way.`,
      resolution: 'Wait for its end, or cancel it (`floe cancel`); then remove the product.',
    });
  }
  const triggers = require(await readDeployedTriggers(client, name, call()));
  const stops =
    triggers === undefined ? [] : [...stopsOf('schedule', triggers.schedules), ...stopsOf('sensor', triggers.sensors)];
  const changes: DeployChange[] = stops.map(describeTriggerChange);
  const delivered =
    directory === undefined
      ? false
      : (await readDeliveredLocations(directory)).some(({ location }) => location === name.location);
  if (delivered) changes.push({ action: 'delete', object: `code location ${name.location}` });
  const drift =
    directory === undefined && triggers !== undefined
      ? [`the code location ${name.location} is still in Dagster's workspace: take it out where it was rolled out`]
      : [];
  const result = { changes, bundleHash: '', drift, url: client.url };
  if (options.dryRun) return { ...result, applied: false };
  for (const stop of stops) require(await applyTriggerChange(client, name, stop, call()));
  if (directory !== undefined) {
    await removeDeliveredLocation(directory, name.location);
    await unpublishProduct(product, directory, call(), clock);
    if (delivered || triggers !== undefined) require(await reloadWorkspace(client, call()));
  }
  return { ...result, applied: true };
}

function stopsOf(kind: TriggerChange['kind'], triggers: readonly DeployedTrigger[]): TriggerChange[] {
  return triggers
    .filter(({ running }) => running)
    .map(({ name, stateId }) => ({ action: 'stop', kind, name, stateId }));
}

function require<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  throw toError(answer.failure);
}

function toError(fault: BackendFault): PluginExecutionError {
  return new PluginExecutionError({ code: fault.code, message: fault.message, resolution: fault.resolution });
}
