import { describe, expect, it } from '@jest/globals';
import type { JobResult } from './job-result.js';
import type { JobExecution, RunEvent } from './run-events.js';
import { deferExecution } from './deferred-execution.js';

const result = { status: 'succeeded', key: 'k', runId: 'r' } as JobResult;

async function collect(execution: JobExecution): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of execution) events.push(event);
  return events;
}

describe('deferExecution', () => {
  it('hands on events and result of what began later', async () => {
    const execution = deferExecution('k', async () => {
      await Promise.resolve();
      return {
        key: 'k',
        result: Promise.resolve(result),
        async *[Symbol.asyncIterator](): AsyncIterator<RunEvent> {
          await Promise.resolve();
          yield { type: 'finished', result };
        },
      };
    });
    expect(await collect(execution)).toEqual([{ type: 'finished', result }]);
    expect(await execution.result).toBe(result);
  });

  it('rejects its result when it cannot begin; who iterates sees the end', async () => {
    const execution = deferExecution('k', () => Promise.reject(new RangeError('no')));
    expect(await collect(execution)).toEqual([]);
    await expect(execution.result).rejects.toThrow('no');
  });
});
