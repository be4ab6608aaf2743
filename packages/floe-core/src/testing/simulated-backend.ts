import type { Diagnosis, LogLine } from '../execution/job-result.js';
import type {
  BackendFault,
  CancelOutcome,
  LogPage,
  RunBackend,
  RunReference,
  RunSnapshot,
  StuckPhase,
  SubmitInput,
  SubmitOutcome,
} from '../execution/run-backend.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import type { Random } from '../time/random.js';
import type { FakeClock } from './fake-clock.js';
import type { SimulatedOutage, SimulatedScenario } from './simulated-scenario.js';
import { SimulatedWorld, type WorldLimits, type WorldRun } from './simulated-world.js';

export interface SimulatedBackendOptions {
  readonly scenario: SimulatedScenario;
  readonly clock: FakeClock;
  readonly random: Random;
  readonly limits: WorldLimits;
  /** The bundle that is deployed. */
  readonly bundleHash?: string | null;
}

/** A call of the backend, for tests that count. */
export interface RecordedCall {
  readonly name: 'submit' | 'find' | 'read' | 'logs' | 'cancel' | 'diagnose';
  /** Seconds since the start. */
  readonly at: number;
  readonly force?: boolean;
}

/** Results and log lines of one page. */
const pageSize = 4;

/**
 * An orchestrator in memory: the world of a scenario behind a faulty network. Everything that happens follows from the
 * scenario and the seed.
 */
export class SimulatedBackend implements RunBackend {
  readonly world: SimulatedWorld;
  readonly calls: RecordedCall[] = [];
  /** The most calls that were under way at the same time. */
  mostInFlight = 0;
  readonly options: SimulatedBackendOptions;
  #inFlight = 0;
  #submissions = 0;
  #jumps: SimulatedScenario['clockJumps'];
  #rivalPending: boolean;
  #late: { at: number; input: SubmitInput }[] = [];
  #looks = 0;

  constructor(options: SimulatedBackendOptions) {
    this.options = options;
    this.world = new SimulatedWorld(options.scenario, options.limits, options.bundleHash ?? null);
    this.#jumps = options.scenario.clockJumps;
    this.#rivalPending = options.scenario.rivalAt !== undefined;
  }

  /** Seconds since the start. */
  get now(): number {
    return this.options.clock.elapsed() / 1_000;
  }

  async submit(input: SubmitInput, options: CallOptions): Promise<SubmitOutcome> {
    const broken = await this.#travel('submit', options, undefined, input);
    if (broken !== undefined)
      return broken.retryable ? { kind: 'unknown', fault: broken } : { kind: 'rejected', fault: broken };
    const fate = this.options.scenario.submissions?.[this.#submissions++] ?? { kind: 'made' };
    switch (fate.kind) {
      case 'made':
        return { kind: 'submitted', run: this.world.create(input.request) };
      case 'answer_lost':
        this.world.create(input.request);
        return { kind: 'unknown', fault: faults.reset };
      case 'made_late':
        this.#late.push({ at: this.now + fate.seconds, input });
        return { kind: 'unknown', fault: faults.reset };
      case 'request_lost':
        return { kind: 'unknown', fault: faults.reset };
      case 'refused_for_now':
        return { kind: 'rejected', fault: faults.unavailable };
      case 'refused':
        return { kind: 'rejected', fault: faults.refused };
    }
  }

  async find(key: string, options: CallOptions): Promise<Outcome<RunReference | undefined, BackendFault>> {
    const broken = await this.#travel('find', options);
    return broken === undefined ? success(this.world.oldest(key)?.reference) : failure(broken);
  }

  async read(
    reference: RunReference,
    cursor: string | null,
    options: CallOptions,
  ): Promise<Outcome<RunSnapshot, BackendFault>> {
    const broken = await this.#travel('read', options);
    if (broken !== undefined) return failure(broken);
    const run = this.world.byId(reference.runId);
    return run === undefined ? failure(faults.notFound) : success(this.#snapshot(run, cursor));
  }

  async logs(
    reference: RunReference,
    cursor: string | null,
    options: CallOptions,
  ): Promise<Outcome<LogPage, BackendFault>> {
    const broken = await this.#travel('logs', options);
    if (broken !== undefined) return failure(broken);
    const run = this.world.byId(reference.runId);
    if (run === undefined) return failure(faults.notFound);
    const seen = run.results.filter(({ at }) => at <= this.now);
    const from = Number(cursor ?? 0);
    const lines = seen.slice(from, from + pageSize).map(({ result }): LogLine => ({
      at: null,
      level: 'info',
      text: `${result.id} ${result.status}`,
      nodeId: result.id,
    }));
    const next = from + lines.length;
    return success({ lines, cursor: String(next), hasMore: next < seen.length });
  }

  async cancel(
    reference: RunReference,
    force: boolean,
    options: CallOptions,
  ): Promise<Outcome<CancelOutcome, BackendFault>> {
    const broken = await this.#travel('cancel', options, force);
    if (broken !== undefined) return failure(broken);
    const run = this.world.byId(reference.runId);
    if (run === undefined) return failure(faults.notFound);
    const outcome = this.world.cancel(run, force);
    return outcome === 'forbidden' ? failure(faults.forbidden) : success(outcome);
  }

  async diagnose(_run: RunReference | undefined, phase: StuckPhase, options: CallOptions): Promise<Diagnosis> {
    await this.#travel('diagnose', options);
    return {
      cause: `stuck_${phase}`,
      message: `The simulation is stuck while ${phase}.`,
      resolution: 'Change the scenario.',
    };
  }

  /** The way to the orchestrator and back: takes time, may fail. */
  async #travel(
    name: RecordedCall['name'],
    options: CallOptions,
    force?: boolean,
    input?: SubmitInput,
  ): Promise<BackendFault | undefined> {
    const { random, scenario } = this.options;
    this.calls.push({ name, at: this.now, ...(force !== undefined && { force }) });
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    try {
      const outage = scenario.outages?.find(({ from, to }) => this.now >= from && this.now < to);
      const flaky = random.fraction() < (scenario.flakiness ?? 0);
      const latency = (scenario.latency ?? 0.05) * (0.5 + random.fraction());
      // a request may arrive although its answer does not
      if (input !== undefined && outage?.kind === 'hangs' && random.fraction() < 0.5) {
        this.world.advanceTo(this.now);
        this.world.create(input.request);
      }
      const fault = await this.#suffer(outage?.kind, latency, options);
      this.#jumpClock();
      this.#catchUp(input);
      return fault ?? (flaky ? faults.unavailable : undefined);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #suffer(
    kind: SimulatedOutage['kind'] | undefined,
    latency: number,
    options: CallOptions,
  ): Promise<BackendFault | undefined> {
    const { clock } = this.options;
    const timeout = options.timeoutMs;
    const wait = kind === 'hangs' ? Number.MAX_SAFE_INTEGER : latency * 1_000 * (kind === 'slow' ? 100 : 1);
    if (wait > timeout && kind !== 'hangs') {
      await clock.sleep(timeout, options.signal);
      return faults.timeout;
    }
    await clock.sleep(wait, options.signal);
    switch (kind) {
      case 'unavailable':
        return faults.unavailable;
      case 'too_many_requests':
        return faults.tooManyRequests;
      case 'unauthorized':
        return faults.unauthorized;
      case 'throws':
        throw new TypeError('simulated defect of a plugin');
      default:
        return undefined;
    }
  }

  #jumpClock(): void {
    const due = this.#jumps?.filter(({ at }) => at <= this.now) ?? [];
    this.#jumps = this.#jumps?.filter((jump) => !due.includes(jump));
    for (const { by } of due) this.options.clock.jump(by * 1_000);
  }

  /** Lets the world come to the present, with what others and late requests do to it. */
  #catchUp(input: SubmitInput | undefined): void {
    const { scenario } = this.options;
    const { rivalAt } = scenario;
    if (input !== undefined) this.#lastRequest = input;
    if (this.#rivalPending && rivalAt !== undefined && this.now >= rivalAt && this.#lastRequest !== undefined) {
      this.#rivalPending = false;
      this.world.advanceTo(this.now);
      this.world.create(this.#lastRequest.request);
    }
    const due = this.#late.filter(({ at }) => at <= this.now);
    this.#late = this.#late.filter(({ at }) => at > this.now);
    for (const { at, input: late } of due) {
      this.world.advanceTo(at);
      this.world.create(late.request);
    }
    this.world.advanceTo(this.now);
    this.world.disturb(this.now);
  }

  #lastRequest: SubmitInput | undefined;

  #snapshot(run: WorldRun, cursor: string | null): RunSnapshot {
    const { reading = 'honest' } = this.options.scenario;
    this.#looks += 1;
    const seen = run.results.filter(({ at }) => at <= this.now);
    const from = reading === 'repeats' ? 0 : Number(cursor ?? 0);
    const page = seen.slice(from, reading === 'repeats' ? undefined : from + pageSize).map(({ result }) => result);
    const next = from + page.length;
    const endless = reading === 'endless_pages' && run.phase !== 'ended';
    const flapped = reading === 'flapping' && run.phase === 'running' && this.#looks % 3 === 0;
    const ended = run.phase === 'ended';
    const recordVisible = run.recordAt !== undefined && run.recordAt <= this.now;
    const ending = visibleEnding(run);
    return {
      phase: ended ? 'ended' : run.cancelling ? 'cancelling' : flapped ? 'queued' : run.phase,
      waitingForOwnSlot: run.waitingForSlot,
      ...(ended && ending !== undefined && { ending }),
      ...(run.startedAt !== undefined && { startedAt: timeOf(run.startedAt) }),
      ...(run.endedAt !== undefined && { finishedAt: timeOf(run.endedAt) }),
      nodes: page,
      cursor: reading === 'stuck_cursor' ? cursor : endless ? `${next}` + '.0'.repeat(this.#looks % 2) : String(next),
      hasMore: reading === 'stuck_cursor' || endless || next < seen.length,
      ...(recordVisible && run.record !== undefined && { record: run.record }),
      ...(run.restartedAs !== undefined && { restartedAs: run.restartedAs }),
      ...(ended && run.duplicateOf !== undefined && { duplicateOf: run.duplicateOf }),
      ...(ended && run.cause !== undefined && { cause: run.cause }),
    };
  }
}

function visibleEnding({ ending, behaviour }: WorldRun): WorldRun['ending'] {
  if (behaviour.lie === 'says_succeeded') return 'succeeded';
  if (behaviour.lie === 'says_failed') return 'failed';
  return behaviour.lie === 'no_ending' ? undefined : ending;
}

function timeOf(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
}

function fault(code: BackendFault['code'], message: string, retryable: boolean, retryAfter?: number): BackendFault {
  return {
    code,
    message,
    resolution: 'This is a simulation.',
    retryable,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

const faults = {
  reset: fault('CONNECTION_UNREACHABLE', 'The connection was reset.', true),
  unavailable: fault('PLATFORM_UNHEALTHY', 'The server answered 503.', true),
  tooManyRequests: fault('PLATFORM_REFUSED', 'The server answered 429.', true, 8),
  timeout: fault('CONNECTION_TIMEOUT', 'No answer in time.', true),
  unauthorized: fault('CONNECTION_UNAUTHORIZED', 'The server answered 401.', false),
  forbidden: fault('CONNECTION_FORBIDDEN', 'The server answered 403.', false),
  refused: fault('PLATFORM_REFUSED', 'The server refused the run.', false),
  notFound: fault('RUN_NOT_FOUND', 'The server does not know the run.', false),
};
