import type { JobExecution, RunEvent } from './run-events.js';

/**
 * A run that needs something to be looked up before it begins. Like the driver's own, `result` rejects when it cannot
 * begin, and who only iterates sees an end without events.
 */
export function deferExecution(key: string, begin: () => Promise<JobExecution>): JobExecution {
  const started = begin();
  const result = started.then((execution) => execution.result);
  result.catch(() => undefined);
  return {
    key,
    result,
    async *[Symbol.asyncIterator](): AsyncIterator<RunEvent> {
      const execution = await started.catch(() => undefined);
      if (execution !== undefined) yield* execution;
    },
  };
}
