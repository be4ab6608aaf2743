import { textWidth, truncateText } from './text-width.js';

export interface TableColumn {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly align?: 'left' | 'right';
  /** Changes the look of a cell after it was measured, for example its colour. */
  readonly style?: (cell: string, row: readonly string[]) => string;
}

export interface TableOptions {
  /** Columns of the terminal; the widest cells are cut to fit. Undefined for files and pipes. */
  readonly width?: number | undefined;
  readonly styleTitle?: (title: string) => string;
}

const gap = '  ';
const smallestColumn = 8;

/** A table as text lines without borders; widths follow the content and, if given, the terminal. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const widths = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? '')), textWidth(column.title)),
  );
  shrink(widths, options.width);
  const line = (cells: readonly string[], decorate: (cell: string, column: TableColumn) => string): string =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0;
        const cell = truncateText(cells[index] ?? '', width);
        const blanks = ' '.repeat(width - textWidth(cell));
        return column.align === 'right' ? blanks + decorate(cell, column) : decorate(cell, column) + blanks;
      })
      .join(gap)
      .trimEnd();
  const title = line(
    columns.map((column) => column.title),
    (cell) => options.styleTitle?.(cell) ?? cell,
  );
  return [title, ...rows.map((row) => line(row, (cell, column) => column.style?.(cell, row) ?? cell))].join('\n');
}

/** Takes columns from the widest column until the line fits; none gets smaller than `smallestColumn`. */
function shrink(widths: number[], terminal: number | undefined): void {
  if (terminal === undefined) return;
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - terminal;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= smallestColumn) return;
    widths[widths.indexOf(widest)] = widest - 1;
    excess -= 1;
  }
}
