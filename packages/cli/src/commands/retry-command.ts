import type { JobRequest } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { selectRun } from '../project/find-run.js';
import { followRun } from '../project/follow-run.js';
import { openProduct } from '../project/open-product.js';
import { requireCapability } from '../project/require-capability.js';
import { prepareDeployment } from '../project/prepare-deployment.js';

export interface RetryOptions {
  readonly timeout?: number | undefined;
  readonly threads?: number | undefined;
  readonly retries?: number | undefined;
  readonly key?: string | undefined;
  readonly deployed?: true | undefined;
  readonly local?: true | undefined;
}

/** `floe retry`: runs again what did not succeed, with the project as it is now (a repaired model is deployed first). */
export async function retryCommand(
  context: CommandContext,
  key: string | undefined,
  options: RetryOptions,
): Promise<CommandResult> {
  const product = await openProduct(context, { connect: true, local: options.local === true });
  requireCapability(product.orchestrator, 'retryFailed', 'retry a run');
  const run = await selectRun(context, product, key);
  const bundle = await prepareDeployment(context, product, { deployed: options.deployed === true });
  const { timeout, threads, retries } = options;
  const request: JobRequest = {
    artifacts: product.project.artifacts,
    bundleHash: bundle.hash,
    ...(options.key !== undefined && { key: options.key }),
    ...(timeout !== undefined && { timeout }),
    ...(threads !== undefined && { threads }),
    ...(retries !== undefined && { retries }),
  };
  return followRun(context, product, {
    begin: (signal, traceparent) =>
      product.orchestrator.plugin.retryFailed(
        run,
        { ...request, ...(traceparent !== undefined && { traceparent }) },
        signal,
      ),
  });
}
