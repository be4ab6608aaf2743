import { isNativeError } from 'node:util/types';
import { FloeError } from '../errors/floe-error.js';
import { concludeRun } from './conclude-run.js';
import { createDriver, type Driver } from './driver.js';
import type { DriveRunContext, DriveRunInput } from './drive-run-input.js';
import { followRun } from './follow-run.js';
import type { JobResult } from './job-result.js';
import type { RunBackend } from './run-backend.js';
import { runError } from './run-error.js';
import type { JobExecution } from './run-events.js';
import { submitRun } from './submission.js';

/**
 * Runs a product, or follows a run of it, through any orchestrator (REQ-026): submits once, watches within deadlines,
 * cancels when the signal aborts, and compares the orchestrator's word with the runtime's record and the plan before it
 * calls anything a success. Begins at once; ends within the sum of its limits whatever the backend does.
 * @returns progress as an async iterable, and `result`, which rejects with a PluginExecutionError only when the run
 *   could not be started or observed
 */
export function driveRun(
  backend: RunBackend,
  input: DriveRunInput,
  context: DriveRunContext,
  signal: AbortSignal,
): JobExecution {
  const driver = createDriver(backend, input, context, signal);
  const result = runToEnd(driver).finally(() => {
    driver.events.close();
  });
  // a caller that only iterates must not be ended by a rejection that it does not look at
  result.catch(() => undefined);
  return { key: input.request.key, result, [Symbol.asyncIterator]: () => driver.events[Symbol.asyncIterator]() };
}

async function runToEnd(driver: Driver): Promise<JobResult> {
  try {
    const submission = await submitRun(driver);
    const { run, adopted } = submission;
    driver.events.push({ type: 'submitted', run, adopted });
    const result = concludeRun(driver, await followRun(driver, submission));
    driver.events.push({ type: 'finished', result });
    return result;
  } catch (error) {
    if (FloeError.isInstance(error)) throw error;
    throw runError(driver, {
      code: 'INTERNAL',
      message: `The run driver failed in an unforeseen way: ${isNativeError(error) ? error.message : String(error)}`,
      resolution: 'Look at the run at the orchestrator, and report this.',
    });
  }
}
