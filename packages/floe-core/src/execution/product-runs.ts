import { InputError, PluginExecutionError } from '../errors/floe-error.js';
import type { Outcome } from '../outcome/outcome.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { requirePipeline } from '../pipeline/to-pipeline.js';
import type { JobRequest, RunSelector } from '../plugin-interfaces.js';
import type { CallOptions } from '../time/call-options.js';
import { createRunRequest } from './create-run-request.js';
import { deferExecution } from './deferred-execution.js';
import type { DriveRunContext } from './drive-run-input.js';
import { driveRun } from './drive-run.js';
import type { BackendFault, RunBackend, RunReference } from './run-backend.js';
import type { RunLimits } from './run-limits.js';
import type { JobExecution } from './run-events.js';

/** The runs of one product at an orchestrator. */
export interface ProductRuns {
  readonly backend: RunBackend;
  /** Limits by the plugin's settings, before the defaults. */
  readonly limits?: Partial<RunLimits>;
  /** The run with a key that a client chose, or with the orchestrator's own id. RUN_NOT_FOUND when there is none. */
  locate(key: string, call: CallOptions): Promise<Outcome<RunReference, BackendFault>>;
  /** What of an ended run is to be done again. @throws InputError RUN_NOT_RETRYABLE, PluginExecutionError */
  idsToRetry(run: RunReference, call: CallOptions): Promise<readonly string[]>;
}

/** Opens the way to the runs of a product: reads secrets, sends nothing yet. @throws FloeError */
export type OpenRuns = (pipeline: Pipeline, call: CallOptions) => Promise<ProductRuns>;

/** Milliseconds for what comes before a run: secrets, and looking for another run. */
const openTimeoutMs = 60_000;

/** `executeJob` of a plugin (REQ-026). */
export function executeRun(
  request: JobRequest,
  open: OpenRuns,
  context: DriveRunContext,
  signal: AbortSignal,
): JobExecution {
  const pipeline = requirePipeline(request.artifacts);
  const run = createRunRequest(request, pipeline, context);
  return deferExecution(run.key, async () => {
    const { backend, limits = {} } = await open(pipeline, { signal, timeoutMs: openTimeoutMs });
    const freshKey = request.key === undefined;
    const input = { request: run, expectedHash: request.bundleHash, pipeline, freshKey, limits };
    return driveRun(backend, input, context, signal);
  });
}

/** `attach` of a plugin. */
export function attachToRun(
  run: RunSelector,
  open: OpenRuns,
  context: DriveRunContext,
  signal: AbortSignal,
): JobExecution {
  const pipeline = requirePipeline(run.artifacts);
  return deferExecution(run.key, async () => {
    const call = { signal, timeoutMs: openTimeoutMs };
    const runs = await open(pipeline, call);
    const attachTo = requireAnswer(await runs.locate(run.key, call));
    const request = createRunRequest({ bundleHash: null, key: run.key }, pipeline, context);
    const { backend, limits = {} } = runs;
    return driveRun(backend, { request, expectedHash: null, pipeline, attachTo, limits }, context, signal);
  });
}

/** `retryFailed` of a plugin. */
export function retryRun(
  run: RunSelector,
  request: JobRequest,
  open: OpenRuns,
  context: DriveRunContext,
  signal: AbortSignal,
): JobExecution {
  const pipeline = requirePipeline(request.artifacts);
  const created = createRunRequest(request, pipeline, context);
  return deferExecution(created.key, async () => {
    const call = { signal, timeoutMs: openTimeoutMs };
    const runs = await open(pipeline, call);
    const retryOf = requireAnswer(await runs.locate(run.key, call));
    const ids = [...(await runs.idsToRetry(retryOf, call))];
    const input = {
      request: { ...created, ids, retry_of: run.key },
      expectedHash: request.bundleHash,
      pipeline,
      retryOf,
      freshKey: request.key === undefined,
      limits: runs.limits ?? {},
    };
    return driveRun(runs.backend, input, context, signal);
  });
}

/** The value of an answer. @throws InputError RUN_NOT_FOUND; PluginExecutionError for any other fault */
export function requireAnswer<Value>(answer: Outcome<Value, BackendFault>): Value {
  if (answer.ok) return answer.value;
  const { code, message, resolution } = answer.failure;
  if (code === 'RUN_NOT_FOUND') throw new InputError({ code, message, resolution });
  throw new PluginExecutionError({ code, message, resolution });
}
