import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { selectRunUnderWay } from '../project/find-run.js';
import { openProduct } from '../project/open-product.js';
import { requireCapability } from '../project/require-capability.js';
import { timeLimits } from '../project/time-limits.js';

export interface CancelOptions {
  readonly local?: true | undefined;
}

/** `floe cancel`: asks a run to stop; whoever follows the run sees its end. */
export async function cancelCommand(
  context: CommandContext,
  key: string | undefined,
  options: CancelOptions,
): Promise<CommandResult> {
  const product = await openProduct(context, { connect: true, local: options.local === true });
  requireCapability(product.orchestrator, 'cancel', 'cancel a run');
  const run = await selectRunUnderWay(context, product, key);
  const summary = await product.orchestrator.plugin.cancel(run, {
    signal: context.signal,
    timeoutMs: timeLimits.query,
  });
  return {
    exitCode: 0,
    text: `${run.key}: ${summary.status === 'cancelling' ? 'was asked to stop' : summary.status}${summary.url === null ? '' : `\n${summary.url}`}`,
    result: summary,
  };
}
