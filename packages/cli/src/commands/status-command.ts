import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { renderRunList } from '../output/run-list.js';
import { findRun, listRuns } from '../project/find-run.js';
import { openProduct } from '../project/open-product.js';

export interface StatusOptions {
  readonly limit: number;
  readonly local?: true | undefined;
}

/** `floe status`: the newest runs of the product, or the one that is named. */
export async function statusCommand(
  context: CommandContext,
  key: string | undefined,
  options: StatusOptions,
): Promise<CommandResult> {
  const product = await openProduct(context, { connect: true, local: options.local === true });
  const runs =
    key === undefined ? await listRuns(context, product, options.limit) : [await findRun(context, product, key)];
  const { styles, width } = context.output;
  const text =
    runs.length === 0 ? `${product.pipeline.product.name} has no run yet.` : renderRunList(runs, { styles, width });
  return {
    exitCode: 0,
    text,
    result: { product: product.pipeline.product.name, orchestrator: product.orchestrator.name, runs },
  };
}
