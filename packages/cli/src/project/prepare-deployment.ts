import type { Bundle } from '@floe/core/bundle/bundle';
import type { CommandContext } from '../command-context.js';
import { deployBundle } from './deploy-bundle.js';
import type { OpenProduct } from './open-product.js';
import { writeBundle } from './write-bundle.js';

/**
 * Makes the bundle that a run is planned with, and deploys it where that only takes writing files to a folder. In other
 * cases, and with `--deployed`, the orchestrator must have this bundle already: the run is refused as stale otherwise.
 */
export async function prepareDeployment(
  context: CommandContext,
  product: OpenProduct,
  { deployed }: { readonly deployed: boolean },
): Promise<Bundle> {
  const bundle = await writeBundle(context, product);
  if (deployed || !product.orchestrator.deliversToFolder) return bundle;
  const { changes } = await deployBundle(context, product, bundle, { dryRun: false });
  const { progressStyles } = context.output;
  context.output.progress(
    progressStyles.dim(
      changes.length === 0
        ? 'deployed already'
        : `deployed: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`,
    ),
  );
  return bundle;
}
