import type { JobRequest } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import { joinSelection } from '../options/join-selection.js';
import { parseVars } from '../options/parse-vars.js';
import type { CommandResult } from '../output/output.js';
import { followRun } from '../project/follow-run.js';
import { requireSelection } from '../project/narrow-pipeline.js';
import { openProduct, type OpenProduct } from '../project/open-product.js';
import { requireCapability } from '../project/require-capability.js';
import { prepareDeployment } from '../project/prepare-deployment.js';

export interface RunOptions {
  readonly select?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly timeout?: number | undefined;
  readonly threads?: number | undefined;
  readonly retries?: number | undefined;
  readonly fullRefresh?: true | undefined;
  readonly vars?: string | undefined;
  readonly key?: string | undefined;
  readonly deployed?: true | undefined;
  readonly local?: true | undefined;
  readonly attach?: string | undefined;
}

/** `floe run`: compiles, deploys where files are delivered to a folder, runs, follows, and reports the end. */
export async function runCommand(context: CommandContext, options: RunOptions): Promise<CommandResult> {
  const request = runRequest(options);
  const product = await openProduct(context, { connect: true, local: options.local === true });
  if (options.attach !== undefined) return attach(context, product, options.attach);
  if (request.select !== undefined || request.exclude !== undefined) {
    requireCapability(product.orchestrator, 'subset', 'run a part of a product');
  }
  const { assets, checks } = requireSelection(product.pipeline, request);
  const bundle = await prepareDeployment(context, product, { deployed: options.deployed === true });
  const { artifacts } = product.project;
  return followRun(context, product, {
    planned: assets.length + checks.length,
    begin: (signal, traceparent) =>
      product.orchestrator.plugin.executeJob(
        { ...request, ...(traceparent !== undefined && { traceparent }), artifacts, bundleHash: bundle.hash },
        signal,
      ),
  });
}

function attach(context: CommandContext, product: OpenProduct, key: string): Promise<CommandResult> {
  const { artifacts } = product.project;
  return followRun(context, product, {
    begin: (signal) => product.orchestrator.plugin.attach({ artifacts, key }, signal),
  });
}

function runRequest(options: RunOptions): Omit<JobRequest, 'artifacts' | 'bundleHash'> {
  const { timeout, threads, retries, key } = options;
  const select = joinSelection(options.select);
  const exclude = joinSelection(options.exclude);
  return {
    ...(select !== undefined && { select }),
    ...(exclude !== undefined && { exclude }),
    ...(timeout !== undefined && { timeout }),
    ...(threads !== undefined && { threads }),
    ...(retries !== undefined && { retries }),
    ...(options.fullRefresh === true && { fullRefresh: true }),
    ...(options.vars !== undefined && { vars: parseVars(options.vars) }),
    ...(key !== undefined && { key }),
  };
}
