import { BackendCalls } from './backend-calls.js';
import type { DriveRunContext, DriveRunInput } from './drive-run-input.js';
import { ElapsedTime } from './elapsed-time.js';
import { EventQueue } from './event-queue.js';
import { planNodes, type PlannedNodes } from './planned-nodes.js';
import type { RunBackend } from './run-backend.js';
import { resolveRunLimits, type RunLimits } from './run-limits.js';

/** What all parts of one driven run share. */
export interface Driver {
  readonly backend: RunBackend;
  readonly input: DriveRunInput;
  readonly context: DriveRunContext;
  /** The caller's wish to cancel. */
  readonly signal: AbortSignal;
  readonly limits: RunLimits;
  readonly time: ElapsedTime;
  readonly calls: BackendCalls;
  readonly events: EventQueue;
  readonly planned: PlannedNodes;
}

/** Puts together what a run needs; starts nothing. */
export function createDriver(
  backend: RunBackend,
  input: DriveRunInput,
  context: DriveRunContext,
  signal: AbortSignal,
): Driver {
  const { request, pipeline, attachTo, retryOf } = input;
  const time = new ElapsedTime(context.clock);
  return {
    backend,
    input,
    context,
    signal,
    limits: resolveRunLimits(request, pipeline.execution, input.limits),
    time,
    calls: new BackendCalls(context.clock, time),
    events: new EventQueue(),
    planned: planNodes(pipeline, request, attachTo !== undefined || retryOf !== undefined),
  };
}
