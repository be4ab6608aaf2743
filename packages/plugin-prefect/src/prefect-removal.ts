import { join } from 'node:path';
import { deliveredHash, unpublishProduct } from '@floe/core/bundle/publish-directory';
import { readBundleIndex } from '@floe/core/bundle/read-bundle';
import { InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { pagesUrl } from './prefect-addresses.js';
import type { Deployment } from './prefect-answers.js';
import { automationDeletion, cursorDeletion, deploymentDeletion, type Change } from './prefect-changes.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import {
  readCursors,
  readOwnedAutomations,
  readOwnedDeployments,
  readProductDeployments,
} from './prefect-deployed-state.js';
import { deliveryDirectory, type DeploymentContext } from './prefect-deployment.js';
import { productEntrypoint, type Owner } from './prefect-names.js';
import { activeStates } from './prefect-run-state.js';
import { readRuns } from './prefect-runs.js';

/**
 * Takes a product away: its automations, its deployments with their schedules, what its sensors remember, and its
 * bundles; its flow and its runs stay as history, its data too.
 * @throws PluginExecutionError RUN_BUSY while runs of it are under way; InputError when it is not clear whose it is
 */
export async function removeProduct(
  { client, config, clock }: DeploymentContext,
  product: string,
  options: DeployOptions,
): Promise<DeployResult> {
  const end = clock.now() + options.timeoutMs;
  const call = (): CallOptions => ({ signal: options.signal, timeoutMs: Math.max(1, end - clock.now()) });
  const directory = deliveryDirectory(config, options);
  const isDelivered = directory !== undefined && (await deliveredHash(directory, product)) !== undefined;
  const platform =
    (directory === undefined ? undefined : await deliveredPlatform(directory, product)) ??
    solePlatform(product, require(await readProductDeployments(client, product, call())));
  const steps = platform === undefined ? [] : await removalSteps(client, { platform, product }, call);
  const changes: DeployChange[] = steps.map(({ action, object }) => ({ action, object }));
  if (isDelivered) changes.push({ action: 'delete', object: `bundle ${product} in ${directory}` });
  const result = { changes, bundleHash: '', drift: [], url: pagesUrl(client.url) };
  if (options.dryRun) return { ...result, applied: false };
  for (const step of steps) require(await step.apply(client, call()));
  if (directory !== undefined) await unpublishProduct(product, directory, call(), clock);
  return { ...result, applied: true };
}

/** Automations first, so that nothing new begins. */
async function removalSteps(client: PrefectClient, owner: Owner, call: () => CallOptions): Promise<Change[]> {
  const deployments = require(await readOwnedDeployments(client, owner, call()));
  await requireIdle(client, owner, deployments, call());
  return [
    ...require(await readOwnedAutomations(client, owner, call())).map(automationDeletion),
    ...deployments.map(deploymentDeletion),
    ...require(await readCursors(client, owner, call())).map(cursorDeletion),
  ];
}

async function requireIdle(
  client: PrefectClient,
  { product }: Owner,
  deployments: readonly Deployment[],
  call: CallOptions,
): Promise<void> {
  if (deployments.length === 0) return;
  // Looks of a sensor are no work that anybody misses.
  const deploymentIds = deployments.filter(({ entrypoint }) => entrypoint === productEntrypoint).map(({ id }) => id);
  if (deploymentIds.length === 0) return;
  const [busy] = require(await readRuns(client, { deploymentIds, stateTypes: activeStates }, 1, call));
  if (busy === undefined) return;
  throw new PluginExecutionError({
    code: 'RUN_BUSY',
    message: `Run ${busy.id} of ${product} is under way.`,
    resolution: 'Wait for its end, or cancel it (`floe cancel`); then remove the product.',
  });
}

async function deliveredPlatform(directory: string, product: string): Promise<string | undefined> {
  try {
    return (await readBundleIndex(join(directory, product))).platform;
  } catch {
    return undefined;
  }
}

/** Several platforms may share a Prefect; nobody is to lose the product of another one. */
function solePlatform(product: string, deployments: readonly Deployment[]): string | undefined {
  const prefix = 'floe:platform=';
  const platforms = new Set(
    deployments.flatMap(({ tags }) =>
      tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length)),
    ),
  );
  if (platforms.size <= 1) return [...platforms][0];
  throw new InputError({
    code: 'INVALID_VALUE',
    message: `Several platforms have ${product} at this Prefect: ${[...platforms].sort().join(', ')}.`,
    resolution: 'Delete the deployments and automations of one by their tag floe:platform=<name> in Prefect.',
  });
}

function require<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  throw new PluginExecutionError(answer.failure);
}
