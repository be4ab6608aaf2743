import type { JobResult, NodeOutcome } from '@floe/core/execution/job-result';
import type { NodeStatus } from '@floe/core/execution/node-status';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { renderError, type ErrorReportOptions } from './error-report.js';
import { formatSeconds } from './format-seconds.js';
import { statusColor } from './run-progress.js';
import type { Styles } from './styles.js';
import { renderTable } from './table.js';

export interface RunReportOptions extends ErrorReportOptions {
  readonly width?: number | undefined;
}

const logLines = 20;

/** The end of a run for people: every node in a table, what failed or warned with file and message, the end of the log. */
export function renderRunReport(result: JobResult, pipeline: Pipeline, options: RunReportOptions): string {
  const { styles } = options;
  const remarkable = result.nodes.filter((node) => node.status !== 'succeeded' && node.status !== 'skipped');
  return [
    ...(result.nodes.length > 0 ? [nodeTable(result.nodes, options)] : []),
    ...remarkable.map((node) => renderNodeMessage(node, pipeline, options)),
    ...(result.status === 'succeeded' ? [] : renderLog(result, options)),
    ...(result.diagnosis === undefined || result.error !== undefined
      ? []
      : [`${result.diagnosis.message}\n  ${styles.cyan('next:')} ${result.diagnosis.resolution}`]),
    ...(result.error === undefined ? [] : [renderError({ ...result.error, context: {} }, options)]),
    summary(result, options),
  ].join('\n\n');
}

function nodeTable(nodes: readonly NodeOutcome[], { styles, width }: RunReportOptions): string {
  return renderTable(
    [
      { title: 'node' },
      { title: 'kind' },
      { title: 'status', style: (cell, row) => colourStatus(cell, row, styles) },
      { title: 'seconds', align: 'right' },
      { title: 'rows', align: 'right' },
    ],
    nodes.map((node) => [
      node.name,
      node.kind,
      node.status,
      node.status === 'skipped' ? '' : (node.seconds?.toFixed(2) ?? ''),
      node.rows?.toString() ?? '',
    ]),
    { width, styleTitle: styles.bold },
  );
}

/** The cell may be cut; its row has the whole word. */
function colourStatus(cell: string, row: readonly string[], styles: Styles): string {
  return statusColor(row[2] as NodeStatus, styles)(cell);
}

function renderNodeMessage(node: NodeOutcome, pipeline: Pipeline, { styles }: RunReportOptions): string {
  const file = [...pipeline.assets, ...pipeline.checks].find(({ id }) => id === node.id)?.file;
  const title = `${statusColor(node.status, styles)(node.status)} ${styles.bold(node.name)} (${node.kind})${file === undefined ? '' : ` ${file}`}`;
  const failures =
    node.failures === null || node.failures === 0
      ? []
      : [`${node.failures} failing ${node.failures === 1 ? 'row' : 'rows'}`];
  const lines = [...failures, ...(node.message ?? '').trim().split('\n')].filter((line) => line !== '');
  return [title, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

function renderLog(result: JobResult, { styles }: RunReportOptions): string[] {
  if (result.logs.length === 0) return [];
  const shown = result.logs.slice(-logLines);
  return [
    [
      styles.bold(`end of the log (${shown.length} ${shown.length === 1 ? 'line' : 'lines'})`),
      ...shown.map((line) => styles.dim(`  ${line.text}`)),
    ].join('\n'),
  ];
}

function summary(result: JobResult, { styles }: RunReportOptions): string {
  const counts = new Map<NodeStatus, number>();
  for (const node of result.nodes) counts.set(node.status, (counts.get(node.status) ?? 0) + 1);
  const nodes = [...counts].map(([status, number]) => `${number} ${status}`).join(', ');
  const status =
    result.status === 'succeeded' ? styles.green(result.status) : styles.red(result.status.replace('_', ' '));
  const place = result.url === null ? '' : `\n${result.url}`;
  return `${status} in ${formatSeconds(result.durationMs / 1000)}${nodes === '' ? '' : `: ${nodes}`} ${styles.dim(`(run ${result.runId}, key ${result.key})`)}${place}`;
}
