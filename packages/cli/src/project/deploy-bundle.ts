import type { Bundle } from '@floe/core/bundle/bundle';
import { FloeError, PluginExecutionError } from '@floe/core/errors/floe-error';
import type { DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import { openLineage } from '../lineage/product-lineage.js';
import { announceTarget } from './announce-target.js';
import type { OpenProduct } from './open-product.js';
import { findEnvironment } from './python-environments.js';
import { timeLimits } from './time-limits.js';

/** The options of a plugin's `deploy` and `remove` for this command. */
export function deployOptions(context: CommandContext, { orchestrator }: OpenProduct, dryRun: boolean): DeployOptions {
  const { local } = orchestrator;
  return {
    signal: context.signal,
    timeoutMs: timeLimits.deploy,
    dryRun,
    ...(local !== undefined && { directory: local.directory }),
  };
}

/** Brings a bundle to the orchestrator. @throws PluginExecutionError DEPLOYMENT_DRIFT when it shows something else afterwards */
export async function deployBundle(
  context: CommandContext,
  product: OpenProduct,
  bundle: Bundle,
  { dryRun }: { readonly dryRun: boolean },
): Promise<DeployResult> {
  announceTarget(context, product);
  const python = await pythonAtHand(context, product);
  const options = { ...deployOptions(context, product, dryRun), ...(python !== undefined && { python }) };
  const deployment = await product.orchestrator.plugin.deploy(bundle, options);
  if (!dryRun && deployment.drift.length > 0) throw driftError(bundle.product, deployment);
  if (!dryRun && deployment.changes.length > 0) await (await openLineage(context, product)).deployed();
  return deployment;
}

/** The locked environment of the plugin, which an earlier command has made for dbt; an adapter may have none. */
async function pythonAtHand(context: CommandContext, product: OpenProduct): Promise<string | undefined> {
  const { home, orchestrator, pipeline } = product;
  try {
    const question = { home, module: orchestrator.module, adapter: pipeline.dbt.adapter };
    return (await findEnvironment(context, question))?.python;
  } catch (error) {
    if (FloeError.isInstance(error)) return undefined;
    throw error;
  }
}

function driftError(product: string, deployment: DeployResult): PluginExecutionError {
  return new PluginExecutionError({
    code: 'DEPLOYMENT_DRIFT',
    message: `The orchestrator shows ${product} otherwise than it was planned.`,
    resolution: 'Look at the differences, then deploy again; if they stay, somebody else changes the same objects.',
    context: { product, drift: deployment.drift, bundleHash: deployment.bundleHash },
  });
}
