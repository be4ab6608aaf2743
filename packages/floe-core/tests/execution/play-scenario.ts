import { createRunRequest } from '../../src/execution/create-run-request.js';
import { driveRun } from '../../src/execution/drive-run.js';
import type { DriveRunInput } from '../../src/execution/drive-run-input.js';
import type { JobResult } from '../../src/execution/job-result.js';
import type { RunEvent } from '../../src/execution/run-events.js';
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

/** Drives one run through a scenario. */
export async function play(scenario: SimulatedScenario, options: PlayOptions = {}): Promise<Played> {
  const { seed = 1, abortAt, execution, redactor = plainRedactor } = options;
  const clock = new FakeClock();
  const pipeline = createChainPipeline({ ...(execution !== undefined && { execution }) });
  const random = createSeededRandom(seed);
  const request = createRunRequest({ bundleHash, key: 'key-1' }, pipeline, { random });
  const limits = resolveRunLimits(request, pipeline.execution, { ...shortLimits, ...options.limits });
  const backend = new SimulatedBackend({ scenario, clock, random: createSeededRandom(seed + 1), limits, bundleHash });
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
  const execution_ = driveRun(backend, input, { clock, random, redactor }, caller.signal);
  const events: RunEvent[] = [];
  for await (const event of execution_) events.push(event);
  const settled = await execution_.result.then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error: error as FloeError }),
  );
  over.abort();
  return { ...settled, events, backend, clock, pipeline, endedAt: backend.now, limits };
}
