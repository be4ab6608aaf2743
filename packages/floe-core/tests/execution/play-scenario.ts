import { createRunRequest } from '../../src/execution/create-run-request.js';
import { driveRun } from '../../src/execution/drive-run.js';
import type { DriveRunInput } from '../../src/execution/drive-run-input.js';
import type { JobResult } from '../../src/execution/job-result.js';
import type { JobExecution, RunEvent } from '../../src/execution/run-events.js';
import type { RunRequest } from '../../src/execution/run-request.js';
import { resolveRunLimits, type RunLimits } from '../../src/execution/run-limits.js';
import type { FloeError } from '../../src/errors/floe-error.js';
import type { Redactor } from '../../src/redaction/redactor.js';
import { createChainPipeline } from '../../src/testing/chain-pipeline.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { createSeededRandom } from '../../src/testing/seeded-random.js';
import { SimulatedBackend } from '../../src/testing/simulated-backend.js';
import type { SimulatedRun, SimulatedScenario } from '../../src/testing/simulated-scenario.js';
import type { ExecutionPolicy, Pipeline } from '../../src/pipeline/pipeline.js';

/** Short limits, so that a deadline is reached within few looks. */
export const shortLimits: RunLimits = {
  submitTimeout: 60,
  queueTimeout: 60,
  startTimeout: 30,
  timeout: 90,
  orchestratorMargin: 10,
  driverMargin: 20,
  finishTimeout: 15,
  cancelGrace: 10,
  forceGrace: 10,
  observationTimeout: 40,
  callTimeout: 10,
  earlyDiagnosisAfter: 15,
  endDiagnosisAfter: 15,
  maxFollowedRuns: 4,
};

export const bundleHash = 'sha256:planned';

/** Three models and their tests, all green, two seconds each. */
export const greenRun: SimulatedRun = {
  queue: 2,
  start: 3,
  nodes: nodesOf(createChainPipeline()).map((id) => ({ id, status: 'succeeded', seconds: 2 })),
  tail: 1,
  record: 0,
};

export function nodesOf(pipeline: Pipeline): string[] {
  return [...pipeline.assets, ...pipeline.checks].map(({ id }) => id);
}

export interface PlayOptions {
  readonly seed?: number;
  /** Seconds at which the caller cancels. */
  readonly abortAt?: number;
  readonly limits?: Partial<RunLimits>;
  readonly execution?: Partial<ExecutionPolicy>;
  readonly input?: Partial<DriveRunInput>;
  readonly redactor?: Redactor;
  /** What happened at the orchestrator before. */
  readonly before?: (backend: SimulatedBackend, request: RunRequest) => void;
}

/** Everything that can be seen of a driven run. */
export interface Played {
  readonly result: JobResult | undefined;
  readonly error: FloeError | undefined;
  readonly events: readonly RunEvent[];
  readonly backend: SimulatedBackend;
  readonly clock: FakeClock;
  readonly pipeline: Pipeline;
  /** Seconds of the simulation at the end. */
  readonly endedAt: number;
  readonly limits: RunLimits;
}

const plainRedactor: Redactor = {
  register: () => undefined,
  redactText: (text) => text,
  redactValue: (value) => value,
};

/** A driven run that has just begun. */
export interface Started extends Pick<Played, 'backend' | 'clock' | 'pipeline' | 'limits'> {
  readonly execution: JobExecution;
  /** Ends what the caller still waits for. */
  readonly over: AbortController;
}

/** Begins to drive one run through a scenario. */
export function start(scenario: SimulatedScenario, options: PlayOptions = {}): Started {
  const { seed = 1, abortAt, execution: policy, redactor = plainRedactor } = options;
  const clock = new FakeClock();
  const pipeline = createChainPipeline({ ...(policy !== undefined && { execution: policy }) });
  const random = createSeededRandom(seed);
  const request = createRunRequest({ bundleHash, key: 'key-1' }, pipeline, { random });
  const limits = resolveRunLimits(request, pipeline.execution, { ...shortLimits, ...options.limits });
  const backend = new SimulatedBackend({ scenario, clock, random: createSeededRandom(seed + 1), limits, bundleHash });
  options.before?.(backend, request);
  const caller = new AbortController();
  const over = new AbortController();
  if (abortAt !== undefined) {
    clock.sleep(abortAt * 1_000, over.signal).then(
      () => {
        caller.abort(new Error('the caller cancels'));
      },
      () => undefined,
    );
  }
  const input: DriveRunInput = { request, expectedHash: bundleHash, pipeline, limits, ...options.input };
  const execution = driveRun(backend, input, { clock, random, redactor }, caller.signal);
  return { execution, backend, clock, pipeline, limits, over };
}

/** Drives one run through a scenario to its end. */
export async function play(scenario: SimulatedScenario, options: PlayOptions = {}): Promise<Played> {
  const { execution, over, ...started } = start(scenario, options);
  const events: RunEvent[] = [];
  for await (const event of execution) events.push(event);
  const settled = await execution.result.then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error: error as FloeError }),
  );
  over.abort();
  return { ...settled, ...started, events, endedAt: started.backend.now };
}
