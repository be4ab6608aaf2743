import { describe, expect, it } from '@jest/globals';
import { greenRun, play } from '../../tests/execution/play-scenario.js';

describe('driveRun', () => {
  it('drives a run to its green end', async () => {
    const { result, events, backend } = await play({ runs: [greenRun] });
    expect(result?.status).toBe('succeeded');
    console.log(
      JSON.stringify(
        events.filter(({ type }) => type !== 'log'),
        null,
        0,
      ),
      backend.calls.length,
    );
  });
});
