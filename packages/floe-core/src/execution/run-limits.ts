import type { ExecutionPolicy } from '../pipeline/pipeline.js';
import type { RunRequest } from './run-request.js';

/** Every wait of a run, in seconds. */
export interface RunLimits {
  /** All tries to submit together; default 120. */
  readonly submitTimeout: number;
  /** In the queue, without the time in which another run of the same product holds the slot; default from the policy. */
  readonly queueTimeout: number;
  /** From leaving the queue to the start of the child; default from the policy. */
  readonly startTimeout: number;
  /** The work itself, over all attempts and delays, counted from the child's start; default from request or policy. */
  readonly timeout: number;
  /** What the orchestrator's own limit lies above `timeout`; default 60. */
  readonly orchestratorMargin: number;
  /** What the driver's limit lies above `timeout`, so that the runtime's own and the orchestrator's fire first; default 120. */
  readonly driverMargin: number;
  /** After the end: for the record and the rest of the log; default 30. */
  readonly finishTimeout: number;
  /** From a polite cancel to a forced one; default 30. */
  readonly cancelGrace: number;
  /** From a forced cancel to giving up; default 30. */
  readonly forceGrace: number;
  /** Without any good answer while the run is watched; default 120. */
  readonly observationTimeout: number;
  /** One call of the backend; default 30. */
  readonly callTimeout: number;
  /** In queue or start before the backend is asked once why; default 15. */
  readonly earlyDiagnosisAfter: number;
  /** From the end of the last node, while the run goes on, before the backend is asked once why; default 45. */
  readonly endDiagnosisAfter: number;
  /** Runs that are followed when the orchestrator puts one in the place of another; default 10. */
  readonly maxFollowedRuns: number;
}

/** The limits of one run: request before policy before defaults; `overrides` before all. */
export function resolveRunLimits(
  request: Pick<RunRequest, 'timeout'>,
  policy: Pick<ExecutionPolicy, 'timeout' | 'queueTimeout' | 'startTimeout'>,
  overrides: Partial<RunLimits> = {},
): RunLimits {
  return {
    submitTimeout: 120,
    queueTimeout: policy.queueTimeout,
    startTimeout: policy.startTimeout,
    timeout: request.timeout ?? policy.timeout,
    orchestratorMargin: 60,
    driverMargin: 120,
    finishTimeout: 30,
    cancelGrace: 30,
    forceGrace: 30,
    observationTimeout: 120,
    callTimeout: 30,
    earlyDiagnosisAfter: 15,
    endDiagnosisAfter: 45,
    maxFollowedRuns: 10,
    ...overrides,
  };
}

/** Seconds that a plugin sets as the orchestrator's own limit of the run. */
export function orchestratorTimeout(limits: Pick<RunLimits, 'timeout' | 'orchestratorMargin'>): number {
  return limits.timeout + limits.orchestratorMargin;
}
