import { resolve } from 'node:path';
import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { copyWheels } from '../project/copy-wheels.js';
import { openProduct } from '../project/open-product.js';
import { writeBundle } from '../project/write-bundle.js';

export interface GenerateOptions {
  readonly directory?: string | undefined;
}

/** `floe generate`: writes the bundle, for an image, a git repository or to look at. */
export async function generateCommand(context: CommandContext, options: GenerateOptions): Promise<CommandResult> {
  const product = await openProduct(context, { connect: false });
  const directory =
    options.directory === undefined ? undefined : resolve(context.environment.directory, options.directory);
  const bundle = await writeBundle(context, product, directory);
  await copyWheels(product.orchestrator.module, bundle.directory);
  return {
    exitCode: 0,
    text: `wrote the bundle of ${bundle.product} for ${product.orchestrator.name}\n${bundle.directory}\n${bundle.hash}`,
    result: {
      product: bundle.product,
      orchestrator: product.orchestrator.name,
      directory: bundle.directory,
      bundleHash: bundle.hash,
    },
  };
}
