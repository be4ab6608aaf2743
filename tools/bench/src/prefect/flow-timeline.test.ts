import { describe, expect, it } from '@jest/globals';
import { flowPhases } from './flow-timeline.js';

const run = {
  id: 'r',
  state_type: 'COMPLETED',
  start_time: '2026-01-01T00:00:02Z',
  end_time: '2026-01-01T00:00:09Z',
};
const task = (start: number, end: number): Parameters<typeof flowPhases>[1][number] => ({
  id: 't',
  task_key: 'model.bench.m',
  state_type: 'COMPLETED',
  start_time: `2026-01-01T00:00:0${start}Z`,
  end_time: `2026-01-01T00:00:0${end}Z`,
});
const at = (second: number): number => Date.parse(`2026-01-01T00:00:${String(second).padStart(2, '0')}Z`);

describe('the timeline of a flow run', () => {
  it('splits the flow by its mirrored nodes', () => {
    expect(flowPhases(run, [task(5, 8), task(4, 6)], at(0), at(10))).toEqual({
      'until the flow starts': 2,
      'flow, before the first node': 2,
      'dbt: nodes': 4,
      'tail of the flow': 1,
      'until the client sees it': 1,
    });
  });

  it('leaves a flow without nodes in one piece', () => {
    expect(flowPhases(run, [], at(0), at(10))).toEqual({
      'until the flow starts': 2,
      'flow, dbt included': 7,
      'until the client sees it': 1,
    });
  });
});
