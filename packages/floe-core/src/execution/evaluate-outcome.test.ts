import { describe, expect, it } from '@jest/globals';
import { createChainPipeline } from '../testing/chain-pipeline.js';
import { evaluateOutcome, type Evidence } from './evaluate-outcome.js';
import type { RunStatus } from './job-result.js';
import type { NodeStatus } from './node-status.js';
import { planNodes } from './planned-nodes.js';
import { runRecordSchema, type RunRecord } from './run-record.js';

const ids = ['model.shop.model_1', 'test.shop.not_null_model_1_id'];
const planned = planNodes(createChainPipeline({ models: 1 }), { ids: null, checks: true }, false);
const diagnosis = { cause: 'out_of_memory', message: 'It was killed.', resolution: 'Give it more memory.' };

const record = (outcome: RunRecord['outcome'], more: Record<string, unknown> = {}): RunRecord =>
  runRecordSchema.parse({
    protocol: 1,
    key: 'k',
    planned: 2,
    outcome,
    attempts: [attempt(1, ['succeeded', 'succeeded'])],
    ...more,
  });
const attempt = (n: number, statuses: readonly NodeStatus[]): unknown => ({
  n,
  nodes: statuses.map((status, index) => ({ id: ids[index] ?? `extra.shop.${index}`, status })),
});
const evaluate = (evidence: Partial<Evidence>) =>
  evaluateOutcome({
    ending: 'succeeded',
    vanished: false,
    record: undefined,
    cause: undefined,
    diagnosis: undefined,
    stop: undefined,
    stopDiagnosis: undefined,
    planned,
    key: 'k',
    expectedHash: null,
    finishTimeout: 30,
    ...evidence,
  });

describe('evaluateOutcome', () => {
  it.each<[RunStatus | undefined, RunRecord['outcome'], RunStatus]>([
    ['succeeded', 'succeeded', 'succeeded'],
    ['failed', 'succeeded', 'failed'],
    ['timed_out', 'succeeded', 'timed_out'],
    ['cancelled', 'succeeded', 'cancelled'],
    ['lost', 'succeeded', 'lost'],
    [undefined, 'succeeded', 'lost'],
    ['succeeded', 'failed', 'failed'],
    ['failed', 'failed', 'failed'],
    ['timed_out', 'failed', 'timed_out'],
    ['cancelled', 'failed', 'failed'],
    ['lost', 'failed', 'failed'],
    [undefined, 'failed', 'failed'],
    ['succeeded', 'timed_out', 'timed_out'],
    ['failed', 'timed_out', 'timed_out'],
    ['cancelled', 'timed_out', 'timed_out'],
    ['succeeded', 'cancelled', 'cancelled'],
    ['failed', 'cancelled', 'cancelled'],
    ['lost', 'cancelled', 'cancelled'],
    ['succeeded', 'duplicate', 'lost'],
    ['failed', 'duplicate', 'lost'],
  ])('ending %s with record %s is %s', (ending, outcome, status) => {
    const verdict = evaluate({ ending, record: record(outcome) });
    expect(verdict.status).toBe(status);
    expect(verdict.failure === undefined).toBe(status === 'succeeded');
  });

  it.each<[RunStatus | undefined, boolean, RunStatus, string]>([
    ['succeeded', false, 'lost', 'FINISH_TIMEOUT'],
    ['succeeded', true, 'lost', 'FINISH_TIMEOUT'],
    ['failed', true, 'failed', 'RUN_FAILED'],
    ['failed', false, 'lost', 'RUN_LOST'],
    ['cancelled', false, 'cancelled', 'RUN_CANCELLED'],
    ['timed_out', false, 'timed_out', 'RUN_TIMED_OUT'],
    ['lost', true, 'lost', 'RUN_LOST'],
    [undefined, true, 'lost', 'RUN_LOST'],
  ])('ending %s without a record, cause known: %s, is %s', (ending, known, status, code) => {
    const verdict = evaluate({ ending, cause: known ? diagnosis : undefined });
    expect(verdict).toMatchObject({ status, failure: { code } });
    expect(verdict.diagnosis).toEqual(known ? diagnosis : undefined);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a failed node', { attempts: [attempt(1, ['succeeded', 'failed'])] }, 'RUN_FAILED'],
    ['an unknown node', { attempts: [attempt(1, ['unknown', 'succeeded'])] }, 'RUN_FAILED'],
    ['a skipped node', { attempts: [attempt(1, ['succeeded', 'skipped'])] }, 'RUN_INCOMPLETE'],
    ['a node that still runs', { attempts: [attempt(1, ['succeeded', 'running'])] }, 'RUN_INCOMPLETE'],
    ['an absent node', { attempts: [attempt(1, ['succeeded'])] }, 'RUN_INCOMPLETE'],
    ['no node at all', { attempts: [] }, 'RUN_INCOMPLETE'],
    ['a node named as missing', { missing: ['model.shop.model_1'] }, 'RUN_INCOMPLETE'],
    ['a larger plan than it has done', { planned: 3 }, 'RUN_INCOMPLETE'],
    ['a failed hook', { hooks: [{ name: 'on-run-end', status: 'failed' }] }, 'RUN_FAILED'],
    ['an error', { error: { code: 'DBT_PARSE_FAILED', message: 'm', resolution: 'r' } }, 'DBT_PARSE_FAILED'],
    [
      'an error with a code that is not ours',
      { error: { code: 'toString', message: 'm', resolution: 'r' } },
      'RUN_FAILED',
    ],
    [
      'both results of a node in one attempt',
      { attempts: [attempt(1, ['failed', 'succeeded']), attempt(1, ['succeeded', 'succeeded'])] },
      'RUN_FAILED',
    ],
    [
      'a shortened list and counts too low',
      { truncated: true, attempts: [], counts: { succeeded: 1 } },
      'RUN_INCOMPLETE',
    ],
    ['a shortened list and no counts', { truncated: true, attempts: [] }, 'RUN_INCOMPLETE'],
    [
      'a shortened list of a smaller plan',
      { truncated: true, attempts: [], planned: 1, counts: { succeeded: 5 } },
      'RUN_INCOMPLETE',
    ],
    [
      'a shortened list with a failed node',
      { truncated: true, attempts: [attempt(1, ['failed'])], counts: { succeeded: 1, failed: 1 } },
      'RUN_FAILED',
    ],
  ])('a success with %s is none', (_name, more, code) => {
    expect(evaluate({ record: record('succeeded', more) })).toMatchObject({ status: 'failed', failure: { code } });
  });

  it.each<[string, Record<string, unknown>]>([
    ['warnings', { attempts: [attempt(1, ['succeeded', 'warned'])] }],
    [
      'a node that a later attempt repaired',
      { attempts: [attempt(2, ['succeeded']), attempt(1, ['failed', 'succeeded'])] },
    ],
    ['more nodes than planned', { planned: 3, attempts: [attempt(1, ['succeeded', 'succeeded', 'succeeded'])] }],
    ['a shortened list and full counts', { truncated: true, attempts: [], counts: { succeeded: 1, warned: 1 } }],
    ['a hook without effect', { hooks: [{ name: 'on-run-start', status: 'skipped' }] }],
  ])('a success with %s is one', (_name, more) => {
    expect(evaluate({ record: record('succeeded', more) })).toMatchObject({ status: 'succeeded' });
  });

  it('takes the plan from the record when only the run knows it', () => {
    const own = { ...planned, expected: null };
    const part = { planned: 1, attempts: [attempt(1, ['succeeded'])] };
    expect(evaluate({ planned: own, record: record('succeeded', part) }).status).toBe('succeeded');
    expect(evaluate({ planned: own, record: record('succeeded', { ...part, planned: 2 }) }).status).toBe('failed');
  });

  it('accepts another key only when any will do', () => {
    expect(evaluate({ record: record('succeeded', { key: 'other' }) }).status).toBe('lost');
    expect(evaluate({ record: record('succeeded', { key: 'other' }), key: null }).status).toBe('succeeded');
  });

  it('refuses another bundle', () => {
    const other = record('succeeded', { bundle_hash: 'sha256:2' });
    expect(evaluate({ record: other, expectedHash: 'sha256:1' })).toMatchObject({
      status: 'failed',
      failure: { code: 'DEPLOYMENT_STALE' },
    });
    expect(evaluate({ record: other, expectedHash: 'sha256:2' }).status).toBe('succeeded');
    expect(evaluate({ record: other }).status).toBe('succeeded');
  });

  it('calls the end of a run that it stopped after the reason', () => {
    const cut = record('cancelled', { attempts: [attempt(1, ['cancelled'])], missing: [ids[1]] });
    const late = { kind: 'deadline', code: 'RUN_TIMED_OUT', phase: 'running', seconds: 60 } as const;
    expect(evaluate({ ending: 'cancelled', record: cut, stop: { kind: 'signal' } }).failure?.code).toBe(
      'RUN_CANCELLED',
    );
    expect(evaluate({ ending: 'cancelled', record: cut, stop: late }).status).toBe('timed_out');
    expect(
      evaluate({ ending: 'failed', record: record('failed', { attempts: [attempt(1, ['cancelled'])] }), stop: late })
        .status,
    ).toBe('timed_out');
    expect(evaluate({ ending: undefined, stop: { kind: 'busy' } }).failure?.code).toBe('RUN_BUSY');
  });

  it('believes the record when the run was quicker than the stop', () => {
    const stop = { kind: 'signal' } as const;
    expect(evaluate({ record: record('succeeded'), stop }).status).toBe('succeeded');
    const broken = record('failed', { attempts: [attempt(1, ['succeeded', 'failed'])] });
    expect(evaluate({ ending: 'failed', record: broken, stop }).status).toBe('failed');
  });

  it('says that forced work may still run, unless the record shows its end', () => {
    const forced = { cause: 'forced', message: 'm', resolution: 'r' };
    const stop = { kind: 'signal' } as const;
    expect(evaluate({ ending: 'cancelled', stop, stopDiagnosis: forced }).diagnosis).toEqual(forced);
    const known = evaluate({ ending: 'cancelled', stop, stopDiagnosis: forced, record: record('cancelled') });
    expect(known.diagnosis).toBeUndefined();
  });
});
