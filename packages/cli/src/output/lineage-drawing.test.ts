import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { samplePipeline, type Reads } from '../../tests/support/sample-artifacts.js';
import { drawLineage, listLineage } from './lineage-drawing.js';
import { lineageGraph } from './lineage-graph.js';
import { mermaidLineage } from './mermaid.js';
import { createStyles } from './styles.js';

const options = { styles: createStyles(false) };

describe('drawLineage', () => {
  it('draws a chain', () => {
    const pipeline = samplePipeline({ orders: [], stg_orders: ['orders'], daily: ['stg_orders'] }, ['daily']);
    expect(drawLineage(pipeline, options)).toBe(
      ['●  orders (table)', '●  stg_orders (table)', '●  daily (table, 1 check)'].join('\n'),
    );
  });

  it('draws branches that come together again', () => {
    const pipeline = samplePipeline({
      stg_orders: ['source:orders'],
      stg_items: ['source:items'],
      fct_orders: ['stg_orders', 'stg_items'],
      daily: ['fct_orders'],
      weekly: ['fct_orders'],
      report: ['daily', 'weekly', 'stg_items'],
    });
    expect(`\n${drawLineage(pipeline, options)}\n`).toBe(`
◇      raw.items (source)
●      stg_items (table)
├─┐
│ │ ◇  raw.orders (source)
│ │ ●  stg_orders (table)
├─│─┘
● │    fct_orders (table)
├─│─┐
● │ │  daily (table)
└─┤ │
  │ ●  weekly (table)
  ├─┘
  ●    report (table)
`);
  });

  it('shows every node and cuts names to the terminal', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 20 }), (edges) => {
        const reads = Object.fromEntries(
          edges.map((upstream, index) => [
            `m${index}`,
            [...new Set(upstream.filter((id) => id < index).map((id) => `m${id}`))],
          ]),
        );
        const pipeline = samplePipeline(reads);
        const lines = drawLineage(pipeline, options).split('\n');
        for (const name of Object.keys(reads)) expect(lines.some((line) => line.includes(` ${name} (`))).toBe(true);
      }),
    );
    const long = samplePipeline({ ['a'.repeat(80)]: [] });
    expect(drawLineage(long, { ...options, width: 40 })).toHaveLength(40);
  });

  it('takes the list form when the drawing would get too wide', () => {
    const sources = Array.from({ length: 40 }, (_, index) => `m${index}`);
    const reads: Reads = { root: [], ...Object.fromEntries(sources.map((name) => [name, ['root']])) };
    expect(drawLineage(samplePipeline(reads), options)).toContain('m7 (table) ← root');
  });
});

describe('lineageGraph', () => {
  it('keeps the order of the edges', () => {
    const nodes = lineageGraph(samplePipeline({ a: [], b: ['a'], c: ['b', 'a'], d: [] }));
    expect(nodes.map((node) => node.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(listLineage(nodes, options).split('\n')[2]).toBe('c (table) ← a, b');
  });
});

describe('mermaidLineage', () => {
  it('quotes names and draws every edge', () => {
    expect(mermaidLineage(samplePipeline({ 'a"b': ['source:orders'] }))).toBe(
      ['flowchart LR', '  n0[("raw.orders (source)")]', '  n1["a#quot;b (table)"]', '  n0 --> n1'].join('\n'),
    );
  });
});
