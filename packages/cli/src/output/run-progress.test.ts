import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@floe/core/execution/run-events';
import { sampleNode, sampleResult } from '../../tests/support/fake-execution.js';
import { samplePipeline } from '../../tests/support/sample-artifacts.js';
import { advance, initialProgress, nodeNames, progressSummary } from './run-progress.js';
import { renderRunReport } from './run-report.js';
import { createStyles } from './styles.js';

const styles = createStyles(false);
const pipeline = samplePipeline({ stg_orders: [], daily: ['stg_orders'] }, ['daily']);
const names = nodeNames(pipeline);

function node(
  id: string,
  status: Extract<RunEvent, { type: 'node' }>['status'],
  message: string | null = null,
): RunEvent {
  return { type: 'node', id, status, seconds: 1, rows: 1, message };
}

function linesOf(events: readonly RunEvent[]): { lines: string[]; summary: string } {
  let progress = initialProgress;
  const lines: string[] = [];
  for (const event of events) {
    const step = advance(progress, event, names, styles);
    progress = step.progress;
    lines.push(...step.lines);
  }
  return { lines, summary: progressSummary(progress, 3) };
}

describe('advance', () => {
  it('counts what runs, ends, fails and is skipped', () => {
    const { lines, summary } = linesOf([
      node('model.shop.stg_orders', 'running'),
      node('model.shop.stg_orders', 'failed', 'Runtime Error in model stg_orders (models/x.sql)\n  Binder Error: no x'),
      node('model.shop.daily', 'skipped'),
      node('test.shop.not_null_daily', 'running'),
    ]);
    expect(lines).toEqual(['failed stg_orders (1.0 s, 1 row): Binder Error: no x', 'skipped daily (1 row)']);
    expect(summary).toBe('2 of 3 done, 1 failed, 1 skipped, 1 running');
  });

  it('shows a node again when another attempt gives another result, and once when it is only repeated', () => {
    const { lines } = linesOf([
      node('model.shop.daily', 'failed', 'x'),
      node('model.shop.daily', 'failed', 'x'),
      node('model.shop.daily', 'succeeded'),
    ]);
    expect(lines).toEqual(['failed daily (1.0 s, 1 row): x', 'succeeded daily (1.0 s, 1 row)']);
  });

  it('names a node of which nothing is known by its id, and says what it waits for', () => {
    const diagnosis = { cause: 'slot', message: 'Another run has the slot.', resolution: 'Wait.' };
    const run = { runId: 'r2', url: null };
    const { lines } = linesOf([
      { type: 'submitted', run, adopted: true },
      { type: 'waiting', diagnosis },
      { type: 'restarted', run },
      node('model.other.x', 'unknown', 'new word'),
    ]);
    expect(lines).toEqual([
      'follows run r2',
      'waiting: Another run has the slot. Wait.',
      'restarted as run r2',
      'unknown model.other.x (1.0 s, 1 row): new word',
    ]);
  });
});

describe('renderRunReport', () => {
  it('names tests that warned though the run succeeded', () => {
    const warned = sampleNode('not_null_daily', 'warned', {
      id: 'test.shop.not_null_daily',
      kind: 'test',
      rows: null,
      failures: 2,
      message: 'Got 2 results, configured to warn if != 0',
    });
    const text = renderRunReport(sampleResult('succeeded', { nodes: [warned] }), pipeline, { styles, directory: '/' });
    expect(text).toContain('warned not_null_daily (test) models/schema.yml\n  2 failing rows\n  Got 2 results');
    expect(text).toContain('succeeded in 2.0 s: 1 warned');
    expect(text).not.toContain('end of the log');
  });

  it('shows why a run is lost', () => {
    const diagnosis = { cause: 'worker_lost', message: 'The worker is gone.', resolution: 'Look at its log.' };
    const text = renderRunReport(sampleResult('lost', { diagnosis, url: null }), pipeline, { styles, directory: '/' });
    expect(text).toBe('The worker is gone.\n  next: Look at its log.\n\nlost in 2.0 s (run run-1, key key-1)');
  });
});
