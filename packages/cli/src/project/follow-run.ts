import type { JobResult } from '@floe/core/execution/job-result';
import type { JobExecution } from '@floe/core/execution/run-events';
import { startRunTrace, type RunTrace } from '@floe/core/telemetry/trace-run';
import { withUnreportedEnd } from '@floe/core/lineage/close-run';
import type { CommandContext } from '../command-context.js';
import { exitCodeFor } from '../exit-code.js';
import { formatSeconds } from '../output/format-seconds.js';
import type { CommandResult } from '../output/output.js';
import { openLineage } from '../lineage/product-lineage.js';
import { observerLines } from '../output/observer-lines.js';
import { advance, initialProgress, nodeNames, progressSummary, type RunProgress } from '../output/run-progress.js';
import { renderRunReport } from '../output/run-report.js';
import { createSecrets } from '../secrets/create-secrets.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import type { OpenProduct } from './open-product.js';

const mostRunningLines = 8;

export interface FollowedRun {
  /** `traceparent` goes into the request, so that the spans at the orchestrator join the client's trace. */
  readonly begin: (signal: AbortSignal, traceparent: string | undefined) => JobExecution;
  /** Number of nodes that the run has, when it is known. */
  readonly planned?: number;
}

/**
 * Starts a run, shows its progress and ends with its report. The first signal of the process asks the run to cancel;
 * the end of that is waited for.
 */
export async function followRun(
  context: CommandContext,
  product: OpenProduct,
  { begin, planned }: FollowedRun,
): Promise<CommandResult> {
  const { output, signal } = context;
  signal.throwIfAborted();
  context.announceInterruption('asking the run to cancel, waiting until it has ended');
  const telemetry = await openTelemetry(context, product);
  const result = await traced(context, product, telemetry, begin, planned).finally(() => telemetry.shutdown());
  for (const line of observerLines(result)) output.progress(output.progressStyles.dim(line));
  return {
    exitCode: exitCodeOfRun(result),
    result,
    text: renderRunReport(result, product.pipeline, {
      styles: output.styles,
      width: output.width,
      directory: context.environment.directory,
    }),
    ...(result.error !== undefined && { error: result.error }),
  };
}

function openTelemetry(context: CommandContext, { project }: OpenProduct): Promise<Telemetry> {
  const { environment, output, services, signal } = context;
  return services.startTelemetry({
    settings: project.artifacts.observability.telemetry,
    secrets: createSecrets(context),
    clock: environment.clock,
    signal,
    log: (line) => {
      output.progress(output.progressStyles.dim(line));
    },
  });
}

async function traced(
  context: CommandContext,
  product: OpenProduct,
  { tracer }: Telemetry,
  begin: FollowedRun['begin'],
  planned: number | undefined,
): Promise<JobResult> {
  const { name, environment } = product.pipeline.product;
  const about = { product: name, orchestrator: product.orchestrator.name, environment };
  const run = startRunTrace(tracer, about, context.environment.clock);
  const lineage = await openLineage(context, product);
  const execution = beginTraced(run, () =>
    withUnreportedEnd(begin(context.signal, run.traceparent), (end) => lineage.closeRun(end)),
  );
  const settled = execution.result.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  await showProgress(context, product, { execution, planned });
  const end = await settled;
  if ('error' in end) throw end.error;
  return end.result;
}

function beginTraced(run: RunTrace, begin: () => JobExecution): JobExecution {
  try {
    return run.follow(begin());
  } catch (error) {
    run.fail(error);
    throw error;
  }
}

/** Exit status of an ended run: that of its error's code. */
export function exitCodeOfRun(result: JobResult): number {
  if (result.status === 'succeeded') return 0;
  if (result.error !== undefined) return exitCodeFor(result.error.code);
  return exitCodeFor(codes[result.status]);
}

const codes = {
  failed: 'RUN_FAILED',
  timed_out: 'RUN_TIMED_OUT',
  cancelled: 'RUN_CANCELLED',
  lost: 'RUN_LOST',
} as const;

async function showProgress(
  context: CommandContext,
  product: OpenProduct,
  { execution, planned }: { readonly execution: JobExecution; readonly planned: number | undefined },
): Promise<void> {
  const { output, environment } = context;
  const names = nodeNames(product.pipeline);
  const startedAt = environment.clock.now();
  const block = output.liveBlock();
  let progress = initialProgress;
  const show = (lines: readonly string[] = []): void => {
    block.show(blockLines(progress, planned, environment.clock.now() - startedAt), lines);
  };
  const ticking = setInterval(show, 1000);
  ticking.unref();
  try {
    for await (const event of execution) {
      const step = advance(progress, event, names, output.progressStyles);
      progress = step.progress;
      show(step.lines);
    }
  } catch {
    // The same failure comes from `result`, which the caller awaits.
  } finally {
    clearInterval(ticking);
    block.close();
  }
}

function blockLines(progress: RunProgress, total: number | undefined, elapsedMs: number): string[] {
  const running = [...progress.running.values()];
  const more = running.length - mostRunningLines;
  return [
    ...running.slice(0, mostRunningLines).map((name) => `running   ${name}`),
    ...(more > 0 ? [`… and ${more} more`] : []),
    `${progressSummary(progress, total)} · ${progress.phase} · ${formatSeconds(elapsedMs / 1000)}`,
  ];
}
