import type { RunSummary } from '@floe/core/plugin-interfaces';
import { formatSeconds } from './format-seconds.js';
import type { Styles } from './styles.js';
import { renderTable } from './table.js';

export interface RunListOptions {
  readonly styles: Styles;
  readonly width?: number | undefined;
}

/** Runs as a table, in the order given. */
export function renderRunList(runs: readonly RunSummary[], { styles, width }: RunListOptions): string {
  const statuses: Readonly<Record<string, (text: string) => string>> = {
    succeeded: styles.green,
    failed: styles.red,
    timed_out: styles.red,
    lost: styles.red,
    cancelled: styles.yellow,
  };
  return renderTable(
    [
      { title: 'key' },
      { title: 'status', style: (cell, row) => statuses[row[1] ?? '']?.(cell) ?? cell },
      { title: 'started' },
      { title: 'took', align: 'right' },
      { title: 'run' },
    ],
    runs.map((run) => [run.key ?? '', run.status, run.startedAt ?? '', took(run), run.url ?? run.runId]),
    { width, styleTitle: styles.bold },
  );
}

function took({ startedAt, finishedAt }: RunSummary): string {
  if (startedAt === null || finishedAt === null) return '';
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? formatSeconds(seconds) : '';
}
