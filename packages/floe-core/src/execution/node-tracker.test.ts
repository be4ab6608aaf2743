import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '../testing/chain-pipeline.js';
import { NodeTracker } from './node-tracker.js';
import { planNodes } from './planned-nodes.js';
import { nodeResultSchema, runRecordSchema, type NodeResult } from './run-record.js';

const [model, test] = ['model.shop.model_1', 'test.shop.not_null_model_1_id'];
const redactor = {
  register: () => undefined,
  redactText: (text: string) => text.replace('secret', '***'),
  redactValue: (value: unknown) => value,
};
const planned = planNodes(createChainPipeline({ models: 1 }), { ids: null, checks: true }, false);
const create = () => new NodeTracker(planned, redactor);
const result = (id: string, status: string, more: object = {}): NodeResult =>
  nodeResultSchema.parse({ id, status, ...more });
const record = (more: object) =>
  runRecordSchema.parse({ protocol: 1, key: 'k', planned: 2, attempts: [], outcome: 'succeeded', ...more });

describe('NodeTracker', () => {
  it('tells each change once', () => {
    const tracker = create();
    const events = tracker.apply([
      result(model, 'running'),
      result(model, 'running'),
      result(model, 'succeeded', { seconds: 2, rows: 5 }),
    ]);
    expect(events).toEqual([
      { type: 'node', id: model, status: 'running', seconds: null, rows: null, message: null },
      { type: 'node', id: model, status: 'succeeded', seconds: 2, rows: 5, message: null },
    ]);
    expect(tracker.apply([result(model, 'succeeded', { seconds: 2, rows: 5 })])).toEqual([]);
  });

  it('knows when all are finished', () => {
    const tracker = create();
    tracker.apply([result(model, 'succeeded'), result(test, 'running')]);
    expect(tracker.allFinished).toBe(false);
    tracker.apply([result(test, 'failed')]);
    expect(tracker.allFinished).toBe(true);
    expect(new NodeTracker({ ...planned, expected: null }, redactor).allFinished).toBe(false);
  });

  it('counts a node that begins again as the next attempt', () => {
    const tracker = create();
    tracker.apply(['running', 'failed', 'running', 'succeeded'].map((status) => result(model, status)));
    expect(tracker.outcomes(undefined, 'cancelled')[0]).toMatchObject({ status: 'succeeded', attempt: 2 });
  });

  it('lets the record decide, in the order of the pipeline, and keeps what is not planned', () => {
    const tracker = create();
    tracker.apply([result('model.other.extra', 'succeeded'), result(test, 'succeeded'), result(model, 'running')]);
    const attempts = [
      { n: 1, nodes: [result(model, 'failed', { message: 'a secret' }), result(test, 'skipped')] },
      { n: 2, nodes: [result(test, 'warned', { failures: 3 })] },
    ];
    expect(tracker.outcomes(record({ attempts }), 'cancelled')).toMatchObject([
      { id: model, kind: 'model', status: 'failed', message: 'a ***', attempt: 1 },
      { id: test, name: 'not_null_model_1_id', kind: 'test', status: 'warned', failures: 3, attempt: 2 },
      { id: 'model.other.extra', name: 'extra', kind: 'model', status: 'succeeded' },
    ]);
  });

  it('names what was cut off and what never began', () => {
    const tracker = create();
    tracker.apply([result(model, 'running')]);
    expect(tracker.outcomes(undefined, 'unknown').map(({ status }) => status)).toEqual(['unknown', 'pending']);
  });

  it('takes the rest of a shortened record for done when its counts add up, and only then', () => {
    const tracker = create();
    const cut = { truncated: true, attempts: [{ n: 1, nodes: [result(test, 'failed')] }] };
    const full = tracker.outcomes(record({ ...cut, counts: { succeeded: 1, failed: 1 } }), 'cancelled');
    expect(full.map(({ status }) => status)).toEqual(['succeeded', 'failed']);
    const short = tracker.outcomes(record({ ...cut, counts: { failed: 1 } }), 'cancelled');
    expect(short.map(({ status }) => status)).toEqual(['pending', 'failed']);
  });
});
