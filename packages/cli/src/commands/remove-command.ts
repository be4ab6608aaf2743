import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { openProduct } from '../project/open-product.js';
import { announceTarget } from '../project/announce-target.js';
import { deployOptions } from '../project/deploy-bundle.js';
import { renderDeployment } from '../output/deployment-report.js';

export interface RemoveOptions {
  readonly dryRun?: true | undefined;
  readonly local?: true | undefined;
}

/** `floe remove`: takes the product from the orchestrator; runs and their history stay there. */
export async function removeCommand(context: CommandContext, options: RemoveOptions): Promise<CommandResult> {
  const product = await openProduct(context, { connect: true, local: options.local === true });
  const { name } = product.pipeline.product;
  const dryRun = options.dryRun === true;
  announceTarget(context, product);
  const removal = await product.orchestrator.plugin.remove(name, deployOptions(context, product, dryRun));
  return { exitCode: 0, text: renderDeployment(removal, { dryRun, product: name }), result: removal };
}
