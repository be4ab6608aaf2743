import type { LogLine } from '@floe/core/execution/job-result';
import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import type { Styles } from '../output/styles.js';
import { selectRun } from '../project/find-run.js';
import { openProduct } from '../project/open-product.js';
import { timeLimits } from '../project/time-limits.js';

export interface LogsOptions {
  readonly tail?: number | undefined;
  readonly local?: true | undefined;
}

/** `floe logs`: the log of a run from its beginning, or its end with `--tail`. */
export async function logsCommand(
  context: CommandContext,
  key: string | undefined,
  options: LogsOptions,
): Promise<CommandResult> {
  const product = await openProduct(context, { connect: true, local: options.local === true });
  const run = await selectRun(context, product, key);
  const all = await product.orchestrator.plugin.readLogs(run, { signal: context.signal, timeoutMs: timeLimits.logs });
  const lines = options.tail === undefined ? all : all.slice(-options.tail);
  const { styles } = context.output;
  return {
    exitCode: 0,
    text: lines.map((line) => renderLogLine(line, styles)).join('\n'),
    result: { key: run.key, lines },
  };
}

function renderLogLine({ at, level, text }: LogLine, styles: Styles): string {
  const word = level === 'error' ? styles.red(level) : level === 'warning' ? styles.yellow(level) : styles.dim(level);
  return [...(at === null ? [] : [styles.dim(at)]), word, text].join(' ');
}
