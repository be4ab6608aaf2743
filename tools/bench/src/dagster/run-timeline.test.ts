import { describe, expect, it } from '@jest/globals';
import type { DagsterEvent } from './dagster-graphql.js';
import { countResults, momentsOf, phasesOf } from './run-timeline.js';

function event(type: string, timestamp: number, more: Partial<DagsterEvent> = {}): DagsterEvent {
  return { __typename: type, timestamp, message: '', ...more };
}

const recorded = JSON.stringify({
  started_at: '1970-01-01T00:00:05+00:00',
  finished_at: '1970-01-01T00:00:09+00:00',
  attempts: [
    {
      nodes: [
        { started_at: '1970-01-01T00:00:06Z', finished_at: '1970-01-01T00:00:07Z' },
        { started_at: '1970-01-01T00:00:06.5Z', finished_at: '1970-01-01T00:00:08Z' },
        { started_at: null, finished_at: null },
      ],
    },
  ],
});

const events = [
  event('RunEnqueuedEvent', 1_500),
  event('RunStartingEvent', 2_000),
  event('RunStartEvent', 4_000),
  event('ExecutionStepStartEvent', 4_500),
  event('MaterializationEvent', 7_000),
  event('AssetCheckEvaluationEvent', 8_000, { evaluation: { success: true } }),
  event('AssetCheckEvaluationEvent', 8_000, { evaluation: { success: false } }),
  event('EngineEvent', 9_500, { metadataEntries: [{ label: 'floe/record', text: recorded }] }),
  event('ExecutionStepSuccessEvent', 9_600),
  event('RunSuccessEvent', 10_000),
];

describe('countResults', () => {
  it('counts what was made and what passed', () => {
    expect(countResults(events)).toEqual({ models: 1, tests: 1 });
  });
});

describe('phasesOf', () => {
  it('splits a run of floe', () => {
    expect(phasesOf(momentsOf(events, 1_000, 10_250))).toEqual({
      launch: 0.5,
      'in the queue': 0.5,
      'start of the run process': 2,
      'start of the step': 0.5,
      'before dbt': 0.5,
      'dbt: start and parse': 1,
      'dbt: nodes': 2,
      'dbt: end': 1,
      'tail of the step': 0.6,
      'tail of the run': 0.4,
      'until the client sees it': 0.25,
    });
  });

  it('adds up to the whole, whatever was seen', () => {
    const few = events.filter(({ __typename: type }) => type === 'RunStartEvent' || type === 'RunSuccessEvent');
    const phases = phasesOf(momentsOf(few, 1_000, 10_250));
    expect(phases).toEqual({
      'start of the run process': 3,
      'tail of the run': 6,
      'until the client sees it': 0.25,
    });
  });

  it('keeps the step of a run without a record together', () => {
    const foreign = events.filter(({ __typename: type }) => type !== 'EngineEvent');
    expect(phasesOf(momentsOf(foreign, 1_000, 10_250))).toMatchObject({ 'step, dbt included': 5.1 });
  });
});
