import type { RunStatus } from '../../src/execution/job-result.js';
import { isSuccessful } from '../../src/execution/node-status.js';
import type { RunLimits } from '../../src/execution/run-limits.js';
import type { SimulatedScenario } from '../../src/testing/simulated-scenario.js';
import type { WorldRun } from '../../src/testing/simulated-world.js';
import type { Schedule } from './arbitrary-scenario.js';
import { nodesOf, type Played } from './play-scenario.js';

/** Seconds between what happens and when the driver can know it: a pause between looks, a look, the log. */
const lag = 20;

/**
 * Compares what the driver said with what really happened in the simulation. Knows nothing of how the driver works; an
 * empty list means that every promise was kept.
 */
export function judgePlay({ scenario, abortAt }: Schedule, played: Played): string[] {
  const { result, error, backend, limits, endedAt, clock, events } = played;
  const complaints: string[] = [];
  const claim = (holds: boolean, complaint: string): void => {
    if (!holds) complaints.push(complaint);
  };

  claim(endedAt <= longestPlay(limits), `took ${endedAt} s, at most ${longestPlay(limits)} s are allowed`);
  claim(
    abortAt === undefined || endedAt <= abortAt + longestStop(limits),
    `took ${endedAt - (abortAt ?? 0)} s to cancel`,
  );
  claim(backend.world.mostAtWork <= 1, `${backend.world.mostAtWork} runs of the key were at work at once`);
  claim(clock.sleeping === 0, 'something still waits after the end');
  claim(
    backend.mostInFlight <= 1 || hasKind(scenario, 'hangs') || hasKind(scenario, 'slow') || abortAt !== undefined,
    'several requests at once',
  );

  if (error !== undefined) {
    claim(error.code !== 'INTERNAL', `the driver broke: ${error.message}`);
    claim(
      maySayNothing(scenario, abortAt) && !mustSaySomething(scenario, abortAt),
      `gave no result without need: ${error.code} ${error.message}`,
    );
    claim(error.code !== 'CANCELLED' || abortAt !== undefined, 'cancelled by nobody');
    return complaints;
  }
  if (result === undefined) return [...complaints, 'neither result nor error'];

  const run = backend.world.runs.find(({ reference }) => reference.runId === result.runId);
  if (run === undefined) return [...complaints, `result of a run that never was: ${result.runId}`];
  claim(events[0]?.type === 'submitted', 'the first event is not the submission');
  claim(events.at(-1)?.type === 'finished', 'the last event is not the end');
  claim(result.status === 'succeeded' || result.error !== undefined, 'no error although not green');
  if (result.status === 'succeeded') claim(isReallyGreen(run, played), 'green although work is missing');
  if (result.status === 'cancelled' && result.diagnosis?.cause !== 'cancel_unconfirmed') {
    claim(run.phase === 'ended' || run.deleted, 'called cancelled while it goes on and nothing said');
  }
  if (result.status === 'timed_out') {
    // the deadline may have passed in a run whose place another one took
    const late = backend.world.runs.some((other) => isReallyLate(other, played));
    claim(late, `called too late without reason: ${result.error?.message ?? ''}`);
  }
  if (isTolerable(scenario)) {
    const stopped = backend.calls.some(({ name }) => name === 'cancel');
    const chain = backend.world.runs.length <= limits.maxFollowedRuns && abortAt === undefined && !stopped;
    claim(
      !chain || run.deleted || (run.restartedAs === undefined && run.duplicateOf === undefined),
      'left at a run that another one replaced',
    );
    const stoppable = run.behaviour.cancel !== 'never_ends' && run.behaviour.cancel !== 'forbidden';
    claim(!stopped || !stoppable || run.phase === 'ended' || run.deleted, 'goes on although it can be ended');
    const expected = expectedStatuses(run, played, abortAt);
    claim(expected.has(result.status), `is ${result.status}, should be ${[...expected].join(' or ')}`);
  }
  return complaints;
}

/** The sum of all deadlines, with a look and a pause for each. */
function longestPlay(limits: RunLimits): number {
  const { submitTimeout, queueTimeout, startTimeout, timeout, driverMargin, finishTimeout, callTimeout } = limits;
  const look = 6 * callTimeout;
  const submit = submitTimeout + look;
  const phases = queueTimeout + startTimeout + 2 * (timeout + driverMargin) + limits.cancelGrace;
  const oneRun = phases + 5 * (limits.observationTimeout + look) + finishTimeout + look;
  return submit + (limits.maxFollowedRuns + 1) * oneRun + longestStop(limits);
}

/** From the wish to cancel to the end. */
function longestStop({ cancelGrace, forceGrace, finishTimeout, callTimeout, maxFollowedRuns }: RunLimits): number {
  return (
    cancelGrace + forceGrace + finishTimeout + (6 + 3 * maxFollowedRuns) * callTimeout + maxFollowedRuns * forceGrace
  );
}

function hasKind({ outages = [] }: SimulatedScenario, kind: string): boolean {
  return outages.some((outage) => outage.kind === kind);
}

/** Only a run that could not be started or observed may end without a result. */
function maySayNothing(scenario: SimulatedScenario, abortAt: number | undefined): boolean {
  const { submissions = [], flakiness = 0, outages = [], runs, latency = 0 } = scenario;
  return (
    abortAt !== undefined ||
    submissions.some(({ kind }) => kind !== 'made') ||
    flakiness > 0 ||
    outages.length > 0 ||
    latency > 3 ||
    runs.some(({ deletedAt }) => deletedAt !== undefined)
  );
}

/** Faults that the driver promises to get over. */
function isTolerable({ outages = [], flakiness = 0, latency = 0 }: SimulatedScenario): boolean {
  return (
    flakiness <= 0.05 &&
    latency <= 1 &&
    outages.every(({ from, to, kind }) => kind !== 'unauthorized' && to - from <= 12) &&
    outages.length <= 1
  );
}

/** Faults that pass while the run can be started and is there. */
function mustSaySomething(scenario: SimulatedScenario, abortAt: number | undefined): boolean {
  const { submissions = [], runs } = scenario;
  const started = submissions.every(({ kind }) => kind !== 'refused') && submissions.length <= 1;
  return (
    isTolerable(scenario) && abortAt === undefined && started && runs.every(({ deletedAt }) => deletedAt === undefined)
  );
}

function isReallyGreen(run: WorldRun, { pipeline, limits }: Played): boolean {
  const done = new Set(run.plan.filter(({ status }) => isSuccessful(status)).map(({ id }) => id));
  return (
    run.executed &&
    run.phase === 'ended' &&
    run.ending === 'succeeded' &&
    run.record !== undefined &&
    (run.recordAt ?? Infinity) <= (run.endedAt ?? 0) + limits.finishTimeout + lag &&
    nodesOf(pipeline).every((id) => done.has(id))
  );
}

function isReallyLate(run: WorldRun, { limits, backend, result }: Played): boolean {
  const until = run.endedAt ?? backend.now;
  const { clockJumps = [], reading } = backend.options.scenario;
  // a run that is shown in the queue although it has begun is believed until the next look
  const slack = (limits.callTimeout + 8) * clockJumps.length + (reading === 'flapping' ? 15 : 2);
  switch (result?.error?.code) {
    case 'QUEUE_TIMEOUT':
      return (run.readyAt ?? until) - run.createdAt + slack >= limits.queueTimeout;
    case 'START_TIMEOUT':
      return (run.startedAt ?? until) - (run.dequeuedAt ?? run.createdAt) + slack >= limits.startTimeout;
    case 'RUN_TIMED_OUT':
      return until - run.createdAt + slack >= limits.timeout;
    default:
      return false;
  }
}

/** What a run's end must be called, by what really happened; several words where the moment decides. */
function expectedStatuses(run: WorldRun, played: Played, abortAt: number | undefined): Set<RunStatus> {
  const { backend, limits, result } = played;
  const expected = new Set<RunStatus>();
  const stoppedByDriver = backend.calls.some(({ name }) => name === 'cancel');
  if (abortAt !== undefined && abortAt <= backend.now) expected.add('cancelled');
  if (stoppedByDriver) expected.add(abortAt === undefined ? 'timed_out' : 'cancelled');
  if (stoppedByDriver && abortAt !== undefined && result?.status === 'timed_out') expected.add('timed_out');
  if (run.behaviour.cancelledAt !== undefined) expected.add('cancelled');
  if (run.deleted) expected.add('lost');
  if (run.phase !== 'ended') {
    if (!stoppedByDriver && !run.deleted) expected.clear();
    return expected;
  }
  if (stoppedByDriver && run.record?.outcome === 'cancelled') return expected;
  for (const status of statusesOfEnded(run, played)) expected.add(status);
  const { finishTimeout } = limits;
  const recordDelay = (run.recordAt ?? Infinity) - (run.endedAt ?? 0);
  const recordInDoubt =
    Math.abs(recordDelay - finishTimeout) <= 5 ||
    (backend.options.scenario.outages ?? []).length > 0 ||
    (backend.options.scenario.clockJumps ?? []).length > 0 ||
    abortAt !== undefined;
  if (recordInDoubt) for (const status of statusesWithoutRecord(run)) expected.add(status);
  return expected;
}

function visibleEnding({ ending, behaviour }: WorldRun): RunStatus | undefined {
  if (behaviour.lie === 'says_succeeded') return 'succeeded';
  if (behaviour.lie === 'says_failed') return 'failed';
  return behaviour.lie === 'no_ending' ? undefined : ending;
}

function statusesOfEnded(run: WorldRun, { pipeline, limits }: Played): RunStatus[] {
  const { record, behaviour, plan } = run;
  const arrives = (run.recordAt ?? Infinity) - (run.endedAt ?? 0) <= limits.finishTimeout;
  if (record === undefined || !arrives || behaviour.lie === 'record_other_key' || record.outcome === 'duplicate') {
    return statusesWithoutRecord(run);
  }
  const ending = visibleEnding(run);
  if (record.outcome !== 'succeeded') return [record.outcome];
  if (ending !== 'succeeded') return [ending ?? 'lost'];
  const complete = nodesOf(pipeline).every((id) => plan.some((node) => node.id === id && isSuccessful(node.status)));
  const deceived =
    behaviour.lie !== undefined && behaviour.lie !== 'record_truncated' && behaviour.lie.startsWith('record_');
  return [complete && !deceived ? 'succeeded' : 'failed'];
}

function statusesWithoutRecord(run: WorldRun): RunStatus[] {
  const ending = visibleEnding(run);
  if (ending === 'failed' && run.cause !== undefined) return ['failed'];
  return ending === 'cancelled' || ending === 'timed_out' ? [ending] : ['lost'];
}
