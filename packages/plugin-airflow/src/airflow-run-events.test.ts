import { describe, expect, it } from '@jest/globals';
import { recordedJson } from '../tests/support/airflow-recordings.js';
import { logAnswer, logItem, type LogItem } from './airflow-answers.js';
import { readLogLines, readNodeResults } from './airflow-run-events.js';

function item(event: string, more: Readonly<Record<string, unknown>> = {}): LogItem {
  return logItem.parse({ event, timestamp: '2026-01-01T00:00:00Z', level: 'info', logger: 'floe', ...more });
}

describe('readNodeResults', () => {
  it('reads the lines that carry states, and passes over what it cannot read', () => {
    const items = [
      item(
        'floe:nodes [{"id":"model.shop.a","status":"running"},{"id":"model.shop.b","status":"succeeded","seconds":1.5}]',
      ),
      item('floe:nodes [{"id":"model.shop.c","status":"dancing"}]'),
      item('floe:nodes not json'),
      item('1 of 3 START'),
    ];
    expect(readNodeResults(items)).toMatchObject([
      { id: 'model.shop.a', status: 'running', seconds: null },
      { id: 'model.shop.b', status: 'succeeded', seconds: 1.5 },
    ]);
  });
});

describe('readLogLines', () => {
  it("gives what floe and dbt say, and none of Airflow's own machinery", () => {
    const lines = readLogLines([
      item('::group::Pre Execute', { logger: 'task' }),
      item('Filling up the DagBag from /opt/airflow/dags/a.py', {
        logger: 'airflow.dag_processing.dagbag.BundleDagBag',
      }),
      item('1 of 3 START\u001b[0m', { logger: 'airflow.task.operators.floe_airflow.build_operator.BuildOperator' }),
      item('floe:nodes []'),
      item('two\nlines', { level: 'warning' }),
      logItem.parse('plain text of a foreign log'),
    ]);
    expect(lines).toEqual([
      { at: '2026-01-01T00:00:00Z', level: 'info', text: '1 of 3 START' },
      { at: '2026-01-01T00:00:00Z', level: 'warning', text: 'two' },
      { at: '2026-01-01T00:00:00Z', level: 'warning', text: 'lines' },
      { at: null, level: 'info', text: 'plain text of a foreign log' },
    ]);
  });

  it('tells errors without their stacks', () => {
    const lines = readLogLines(logAnswer.parse(recordedJson('log-failed')).content);
    expect(lines.map(({ text }) => text)).toContain('Task failed with exception ValueError: boom secret-ish');
    expect(JSON.stringify(lines)).not.toContain('task_runner.py');
  });
});
