import { FloeError, InputError } from '@floe/core/errors/floe-error';
import type { RunSelector, RunSummary } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import type { OpenProduct } from './open-product.js';
import { timeLimits } from './time-limits.js';

const searched = 200;

/** The newest runs of a product, newest first. */
export function listRuns(context: CommandContext, product: OpenProduct, limit: number): Promise<readonly RunSummary[]> {
  return product.orchestrator.plugin.listRuns(product.project.artifacts, {
    signal: context.signal,
    timeoutMs: timeLimits.query,
    limit,
  });
}

/** True while a run may still change. */
export function isUnderWay(run: RunSummary): boolean {
  return (
    run.status === 'queued' || run.status === 'starting' || run.status === 'running' || run.status === 'cancelling'
  );
}

/** The run that a key or run id names. @throws InputError RUN_NOT_FOUND */
export async function findRun(context: CommandContext, product: OpenProduct, key: string): Promise<RunSummary> {
  const runs = await listRuns(context, product, searched);
  const found = runs.find((run) => run.key === key || run.runId === key);
  if (found === undefined) {
    throw notFound(`${product.pipeline.product.name} has no run ${key} among its newest ${runs.length}.`);
  }
  return found;
}

/** The run of the given key, else the newest one. */
export async function selectRun(
  context: CommandContext,
  product: OpenProduct,
  key: string | undefined,
): Promise<RunSelector> {
  const { artifacts } = product.project;
  if (key !== undefined) return { artifacts, key };
  const newest = (await listRuns(context, product, 1))[0];
  if (newest === undefined) throw notFound(`${product.pipeline.product.name} has no run yet.`);
  return { artifacts, key: keyOf(newest) };
}

/** The run of the given key, else the only run under way. */
export async function selectRunUnderWay(
  context: CommandContext,
  product: OpenProduct,
  key: string | undefined,
): Promise<RunSelector> {
  const { artifacts } = product.project;
  if (key !== undefined) return { artifacts, key };
  const runs = (await listRuns(context, product, searched)).filter(isUnderWay);
  const [only, ...others] = runs;
  if (only === undefined) throw notFound(`No run of ${product.pipeline.product.name} is under way.`);
  if (others.length > 0) {
    throw new InputError({
      code: 'USAGE',
      message: `${runs.length} runs of ${product.pipeline.product.name} are under way.`,
      resolution: 'Name the one that you mean by its key.',
      context: { runs: runs.map(keyOf) },
    });
  }
  return { artifacts, key: keyOf(only) };
}

function keyOf(run: RunSummary): string {
  return run.key ?? run.runId;
}

function notFound(message: string): FloeError {
  return new InputError({
    code: 'RUN_NOT_FOUND',
    message,
    resolution: 'Run `floe status` to see the runs of this product.',
  });
}
