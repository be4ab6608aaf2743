import type { Bundle } from '@floe/core/bundle/bundle';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import { openLineage } from '../lineage/product-lineage.js';
import { announceTarget } from './announce-target.js';
import type { OpenProduct } from './open-product.js';
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
  const deployment = await product.orchestrator.plugin.deploy(bundle, deployOptions(context, product, dryRun));
  if (!dryRun && deployment.drift.length > 0) throw driftError(bundle.product, deployment);
  if (!dryRun && deployment.changes.length > 0) await (await openLineage(context, product)).deployed();
  return deployment;
}

function driftError(product: string, deployment: DeployResult): PluginExecutionError {
  return new PluginExecutionError({
    code: 'DEPLOYMENT_DRIFT',
    message: `The orchestrator shows ${product} otherwise than it was planned.`,
    resolution: 'Look at the differences, then deploy again; if they stay, somebody else changes the same objects.',
    context: { product, drift: deployment.drift, bundleHash: deployment.bundleHash },
  });
}
