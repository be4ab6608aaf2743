import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { deployBundle } from '../project/deploy-bundle.js';
import { openProduct } from '../project/open-product.js';
import { writeBundle } from '../project/write-bundle.js';
import { renderDeployment } from '../output/deployment-report.js';

export interface DeployCommandOptions {
  readonly dryRun?: true | undefined;
  readonly local?: true | undefined;
}

/** `floe deploy`: brings the product to the orchestrator; with `--dry-run` only says what would change. */
export async function deployCommand(context: CommandContext, options: DeployCommandOptions): Promise<CommandResult> {
  const product = await openProduct(context, { connect: true, local: options.local === true });
  const bundle = await writeBundle(context, product);
  const dryRun = options.dryRun === true;
  const deployment = await deployBundle(context, product, bundle, { dryRun });
  return { exitCode: 0, text: renderDeployment(deployment, { dryRun, product: bundle.product }), result: deployment };
}
