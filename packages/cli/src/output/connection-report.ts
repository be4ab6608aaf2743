import type { ValidationResult, ValidationStep } from '@floe/core/connection/validation-result';
import type { Styles } from './styles.js';
import { renderTable } from './table.js';

export interface ConnectionReportOptions {
  readonly styles: Styles;
  readonly width?: number | undefined;
}

/** The steps of a connection check, what to do where one failed, and the sentence that sums them up. */
export function renderConnection(result: ValidationResult, { styles, width }: ConnectionReportOptions): string {
  const { steps, warnings, endpoint, version } = result.details;
  const colours: Readonly<Record<ValidationStep['outcome'], (text: string) => string>> = {
    passed: styles.green,
    warned: styles.yellow,
    failed: styles.red,
    skipped: styles.dim,
  };
  const table = renderTable(
    [
      { title: 'step' },
      { title: 'outcome', style: (cell, row) => colours[row[1] as ValidationStep['outcome']](cell) },
      { title: 'ms', align: 'right' },
      { title: 'message' },
    ],
    steps.map((step) => [
      step.name,
      step.outcome,
      step.outcome === 'skipped' ? '' : String(Math.round(step.durationMs)),
      step.message,
    ]),
    { width, styleTitle: styles.bold },
  );
  const next = steps.filter(
    (step) => step.resolution !== undefined && (step.outcome === 'failed' || step.outcome === 'warned'),
  );
  const place = `${endpoint}${version === undefined ? '' : ` (version ${version})`}`;
  return [
    table,
    ...next.map((step) => `${step.name}: ${step.message}\n  ${styles.cyan('next:')} ${step.resolution ?? ''}`),
    ...warnings.map((warning) => `${styles.yellow('warning')}: ${warning}`),
    `${result.success ? styles.green('connected') : styles.red('not connected')}: ${place}\n${result.message}`,
  ].join('\n\n');
}
