import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { lineageGraph, type LineageNode } from './lineage-graph.js';
import type { Styles } from './styles.js';
import { truncateText } from './text-width.js';

export interface LineageDrawingOptions {
  readonly styles: Styles;
  /** Columns of the terminal; undefined for files and pipes. */
  readonly width?: number | undefined;
}

/** More lanes than this are no drawing any more: the list form takes over. */
const mostLanes = 24;

const up = 1;
const down = 2;
const left = 4;
const right = 8;
/** Box drawing characters by the sides that they connect. */
const boxes = ' ╵╷│╴┘┐┤╶└┌├─┴┬┼';

/**
 * The lineage of a product as text, one node a line from sources to exposures. Every lane leads to one node: a line
 * that joins a lane is an edge into that node; a line that crosses a lane is interrupted beside it.
 */
export function drawLineage(pipeline: Pipeline, options: LineageDrawingOptions): string {
  const nodes = lineageGraph(pipeline);
  const rows = layOut(nodes);
  if (rows === undefined) return listLineage(nodes, options);
  const graphWidth = Math.max(0, ...rows.map((row) => row.lanes.length));
  return rows
    .map(({ lanes, node }) => {
      if (node === undefined) return options.styles.dim(lanes.trimEnd());
      const label = describe(node);
      const text =
        options.width === undefined ? label : truncateText(label, Math.max(12, options.width - graphWidth - 2));
      const name = text.startsWith(node.name)
        ? options.styles.bold(node.name) + options.styles.dim(text.slice(node.name.length))
        : text;
      return `${lanes.padEnd(graphWidth)}  ${name}`;
    })
    .join('\n');
}

/** The list form: each node with what it reads. */
export function listLineage(nodes: readonly LineageNode[], { styles }: LineageDrawingOptions): string {
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  return nodes
    .map((node) => {
      const reads = node.upstream.map((id) => names.get(id) ?? id).join(', ');
      return `${styles.bold(node.name)}${styles.dim(describe(node).slice(node.name.length))}${reads === '' ? '' : ` ← ${reads}`}`;
    })
    .join('\n');
}

function describe(node: LineageNode): string {
  const checks = node.checks === 0 ? '' : `, ${node.checks} ${node.checks === 1 ? 'check' : 'checks'}`;
  return `${node.name} (${node.kind}${checks})`;
}

interface Row {
  readonly lanes: string;
  readonly node?: LineageNode;
}

/** One row for each node and one for the lines between where they branch; undefined when it gets too wide. */
function layOut(nodes: readonly LineageNode[]): Row[] | undefined {
  const downstream = new Map<string, string[]>();
  for (const node of nodes) {
    for (const id of node.upstream) {
      const targets = downstream.get(id) ?? [];
      targets.push(node.id);
      downstream.set(id, targets);
    }
  }
  const rows: Row[] = [];
  /** The node that each lane leads to; undefined is a free lane. */
  const lanes: (string | undefined)[] = [];
  for (const node of nodes) {
    const found = lanes.indexOf(node.id);
    const column = found === -1 ? firstFree(lanes) : found;
    rows.push({ lanes: lanesText(lanes, column, node.kind), node });
    lanes[column] = undefined;
    const columns = (downstream.get(node.id) ?? []).map((target) => {
      const existing = lanes.indexOf(target);
      if (existing !== -1) return { column: existing, joined: true };
      const free = lanes[column] === undefined ? column : firstFree(lanes);
      lanes[free] = target;
      return { column: free, joined: false };
    });
    if (lanes.length > mostLanes) return undefined;
    if (columns.some((target) => target.column !== column)) rows.push({ lanes: branchText(lanes, column, columns) });
    while (lanes.length > 0 && lanes.at(-1) === undefined) lanes.pop();
  }
  return rows;
}

function firstFree(lanes: readonly (string | undefined)[]): number {
  const free = lanes.indexOf(undefined);
  return free === -1 ? lanes.length : free;
}

const dots: Readonly<Record<string, string>> = { source: '◇', seed: '◆', exposure: '◎' };

function lanesText(lanes: readonly (string | undefined)[], column: number, kind: string): string {
  const width = Math.max(lanes.length, column + 1);
  return Array.from({ length: width }, (_, index) =>
    index === column ? (dots[kind] ?? '●') : lanes[index] === undefined ? ' ' : '│',
  )
    .join(' ')
    .trimEnd();
}

/** The row below a node whose edges leave its own lane. */
function branchText(
  lanes: readonly (string | undefined)[],
  from: number,
  targets: readonly { readonly column: number; readonly joined: boolean }[],
): string {
  const joined = new Map(targets.map((target) => [target.column, target.joined]));
  const columns = targets.map((target) => target.column);
  const first = Math.min(from, ...columns);
  const last = Math.max(from, ...columns);
  const cells: string[] = [];
  for (let index = 0; index < Math.max(lanes.length, last + 1); index += 1) {
    const between = index >= first && index <= last;
    const isPassed = between && index !== from && !joined.has(index);
    const sides =
      (between && index > first ? left : 0) |
      (between && index < last ? right : 0) |
      (index === from || joined.get(index) === true ? up : 0) |
      (joined.has(index) ? down : 0);
    cells.push(
      isPassed && lanes[index] !== undefined
        ? '│'
        : between
          ? (boxes[sides] ?? ' ')
          : lanes[index] === undefined
            ? ' '
            : '│',
    );
    cells.push(between && index < last ? '─' : ' ');
  }
  return cells.join('').trimEnd();
}
