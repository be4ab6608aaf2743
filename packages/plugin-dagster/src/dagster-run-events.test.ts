import { describe, expect, it } from '@jest/globals';
import { recordedData } from '../tests/support/dagster-recordings.js';
import { runLogsAnswer, type DagsterEvent } from './dagster-answers.js';
import { readLogLines, readRunEvents } from './dagster-run-events.js';

function recordedEvents(name: string): readonly DagsterEvent[] {
  const { logsForRun } = runLogsAnswer.parse(recordedData(name));
  return logsForRun.__typename === 'EventConnection' ? logsForRun.events : [];
}

function event(fields: Partial<DagsterEvent> & { __typename: string }): DagsterEvent {
  return { message: '', level: 'INFO', ...fields };
}

function texts(values: Readonly<Record<string, unknown>>): { label: string; text: string }[] {
  return Object.entries(values).map(([label, value]) => ({
    label,
    text: typeof value === 'string' ? value : JSON.stringify(value),
  }));
}

const record = { protocol: 1, key: 'k', planned: 1, attempts: [], outcome: 'succeeded' };

describe('readRunEvents', () => {
  it('takes node results from the events of Dagster and from those of the loader, in order', () => {
    const news = readRunEvents([
      event({
        __typename: 'EngineEvent',
        metadataEntries: texts({
          'floe/nodes': [
            { id: 'a', status: 'running' },
            { id: 'b', status: 'skipped' },
          ],
        }),
      }),
      event({
        __typename: 'MaterializationEvent',
        metadataEntries: [
          { label: 'seconds' },
          ...texts({ 'floe/result': { id: 'a', status: 'succeeded', seconds: 1.5, rows: 3 } }),
        ],
      }),
      event({
        __typename: 'AssetCheckEvaluationEvent',
        evaluation: { metadataEntries: texts({ 'floe/result': { id: 'c', status: 'failed', failures: 2 } }) },
      }),
    ]);
    expect(news.nodes.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'a running',
      'b skipped',
      'a succeeded',
      'c failed',
    ]);
    expect(news.nodes[2]).toMatchObject({ seconds: 1.5, rows: 3, message: null });
    expect(news).toMatchObject({ timedOut: false, lost: false });
    expect(news.record).toBeUndefined();
  });

  it('takes the record from its event, or from the failure', () => {
    const fromEvent = readRunEvents([
      event({
        __typename: 'EngineEvent',
        metadataEntries: texts({ 'floe/record': record, 'floe/duplicate-of': 'older' }),
      }),
    ]);
    expect(fromEvent).toMatchObject({ record: { key: 'k', outcome: 'succeeded' }, duplicateOf: 'older' });
    const fromFailure = readRunEvents([
      event({
        __typename: 'ExecutionStepFailureEvent',
        error: { className: 'Failure', message: 'Failure: x', errorChain: [] },
        failureMetadata: { metadataEntries: texts({ 'floe/record': { ...record, outcome: 'failed' } }) },
      }),
    ]);
    expect(fromFailure.record?.outcome).toBe('failed');
    expect(fromFailure.cause).toBeUndefined();
  });

  it('passes over what it cannot read: other JSON, a record of another protocol, unknown statuses', () => {
    const news = readRunEvents([
      event({
        __typename: 'EngineEvent',
        metadataEntries: texts({ 'floe/nodes': '{not json', 'floe/record': { ...record, protocol: 2 } }),
      }),
      event({
        __typename: 'MaterializationEvent',
        metadataEntries: texts({ 'floe/result': { id: 'a', status: 'purple' } }),
      }),
      event({ __typename: 'QuantumEvent' }),
    ]);
    expect(news).toEqual({ nodes: [], timedOut: false, lost: false });
  });

  it('finds the root cause of a failure outside of the loader', () => {
    const news = readRunEvents(recordedEvents('logs-failure'));
    expect(news.cause).toMatchObject({ cause: 'loader_failed', message: expect.stringContaining('KeyError') });
    expect(news.cause?.message).not.toContain('File "');
    expect(news).toMatchObject({ timedOut: false, lost: false });
  });

  it("tells Dagster's own time limit", () => {
    expect(readRunEvents(recordedEvents('logs-max-runtime-exceeded'))).toMatchObject({ timedOut: true, lost: false });
  });

  it.each([
    ['Run execution process for abc unexpectedly exited with exit code -9', 'worker_lost'],
    ['Run timed out due to taking longer than 180 seconds to start.', 'start_timeout'],
    ['Failed to pull image "x": ErrImagePull', 'image_not_pulled'],
    ['jobs.batch is forbidden: User "system:serviceaccount:x" cannot create', 'launcher_forbidden'],
  ])('tells "%s" as %s', (message, cause) => {
    const news = readRunEvents([event({ __typename: 'RunFailureEvent', message })]);
    expect(news).toMatchObject({ lost: true, cause: { cause } });
  });

  it('takes an interruption for the effect of a cancellation, not for a cause', () => {
    const error = { className: 'DagsterExecutionInterruptedError', message: '', errorChain: [] };
    expect(readRunEvents([event({ __typename: 'ExecutionStepFailureEvent', error })]).cause).toBeUndefined();
  });
});

describe('readLogLines', () => {
  it('gives lines with time and level, those that were written together one by one', () => {
    const lines = readLogLines([
      event({
        __typename: 'LogMessageEvent',
        message: '1 of 2 START\n\u001b[32mOK\u001b[0m\n',
        timestamp: '1795591143951',
      }),
      event({ __typename: 'LogMessageEvent', message: 'careful', level: 'WARNING' }),
      event({ __typename: 'AssetMaterializationPlannedEvent', message: 'intends to' }),
      event({ __typename: 'EngineEvent', message: 'floe: a running', metadataEntries: texts({ 'floe/nodes': [] }) }),
      event({ __typename: 'EngineEvent', message: '' }),
    ]);
    expect(lines).toEqual([
      { at: '2026-11-25T07:19:03.951Z', level: 'info', text: '1 of 2 START' },
      { at: '2026-11-25T07:19:03.951Z', level: 'info', text: 'OK' },
      { at: null, level: 'warning', text: 'careful' },
    ]);
  });

  it('has no stack trace of a real failure', () => {
    const text = readLogLines(recordedEvents('logs-failure'))
      .map((line) => line.text)
      .join('\n');
    expect(text).toContain('Execution of step "bad" failed');
    expect(text).not.toMatch(/Traceback|File "/u);
  });
});
