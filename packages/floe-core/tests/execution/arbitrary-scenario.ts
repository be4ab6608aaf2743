import fc from 'fast-check';
import type { NodeStatus } from '../../src/execution/node-status.js';
import { createChainPipeline } from '../../src/testing/chain-pipeline.js';
import type {
  SimulatedNode,
  SimulatedOutage,
  SimulatedRun,
  SimulatedScenario,
  SimulatedSubmission,
} from '../../src/testing/simulated-scenario.js';
import { nodesOf } from './play-scenario.js';

/** A scenario with what the caller does. */
export interface Schedule {
  readonly scenario: SimulatedScenario;
  readonly seed: number;
  readonly abortAt: number | undefined;
}

const ids = nodesOf(createChainPipeline());

/** Mostly one thing, now and then another. */
function mostly<Value>(usual: fc.Arbitrary<Value>, seldom: fc.Arbitrary<Value>, weight = 9): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: seldom });
}

function sometimes<Value>(arbitrary: fc.Arbitrary<Value>, weight = 9): fc.Arbitrary<Value | undefined> {
  return mostly<Value | undefined>(fc.constant(undefined), arbitrary, weight);
}

const nodeStatus = mostly<NodeStatus>(
  fc.constant('succeeded'),
  fc.constantFrom('warned', 'failed', 'skipped', 'unknown', 'cancelled'),
  25,
);

const nodes: fc.Arbitrary<SimulatedNode[]> = fc
  .tuple(
    fc.tuple(
      ...ids.map((id) =>
        fc.record({ id: fc.constant(id), status: nodeStatus, seconds: fc.integer({ min: 0, max: 25 }) }),
      ),
    ),
    sometimes(fc.nat(ids.length - 1), 15),
  )
  .map(([all, dropped]) => all.filter((_, index) => index !== dropped));

const lie = fc.constantFrom<NonNullable<SimulatedRun['lie']>>(
  'record_omits_node',
  'record_misses_node',
  'record_unknown_status',
  'record_other_key',
  'record_other_bundle',
  'record_truncated',
  'record_truncated_short',
  'says_succeeded',
  'says_failed',
  'no_ending',
);

const run: fc.Arbitrary<SimulatedRun> = fc
  .record({
    queue: mostly<number | null>(fc.integer({ min: 0, max: 20 }), fc.constantFrom(null, 55, 70)),
    start: mostly<number | null>(fc.integer({ min: 0, max: 10 }), fc.constantFrom(null, 28, 40)),
    nodes,
    tail: fc.integer({ min: 0, max: 5 }),
    hangs: sometimes(fc.constantFrom('runtime' as const, 'all' as const)),
    diesAt: sometimes(fc.double({ min: 0, max: 1, noNaN: true }), 6),
    deathExplained: fc.boolean(),
    restarts: fc.boolean(),
    deletedAt: sometimes(fc.integer({ min: 0, max: 100 }), 20),
    cancelledAt: sometimes(fc.integer({ min: 0, max: 100 }), 15),
    record: mostly<number | null>(fc.constant(0), fc.constantFrom(null, 2, 8, 60), 4),
    lie: sometimes(lie, 3),
    cancel: mostly<NonNullable<SimulatedRun['cancel']>>(
      fc.constant('ends'),
      fc.constantFrom('not_while_starting', 'only_forced', 'never_ends', 'forbidden'),
      2,
    ),
  })
  .map(withoutUndefined);

const outage: fc.Arbitrary<SimulatedOutage> = fc
  .record({
    from: fc.integer({ min: 0, max: 120 }),
    length: mostly(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 200 }), 5),
    kind: fc.constantFrom<SimulatedOutage['kind']>(
      'unavailable',
      'hangs',
      'throws',
      'too_many_requests',
      'unauthorized',
      'slow',
    ),
  })
  .map(({ from, length, kind }) => ({ from, to: from + length, kind }));

const submission: fc.Arbitrary<SimulatedSubmission> = fc.oneof(
  fc
    .constantFrom('made', 'answer_lost', 'request_lost', 'refused_for_now', 'refused')
    .map((kind): SimulatedSubmission => ({ kind: kind as 'made' })),
  fc.integer({ min: 1, max: 30 }).map((seconds): SimulatedSubmission => ({ kind: 'made_late', seconds })),
);

/** Any sequence of faults, lies and waits around one driven run. */
export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.nat(),
  abortAt: sometimes(fc.integer({ min: 0, max: 150 }), 4),
  scenario: fc
    .record({
      runs: fc.tuple(run, run, run),
      submissions: mostly<SimulatedSubmission[]>(fc.constant([]), fc.array(submission, { maxLength: 4 }), 2),
      oneRunPerKey: mostly<'at_start' | 'at_submit'>(fc.constant('at_start'), fc.constant('at_submit'), 3),
      rivalAt: sometimes(fc.integer({ min: 0, max: 60 }), 6),
      slotHeldFor: sometimes(fc.integer({ min: 0, max: 150 }), 6),
      outages: mostly<SimulatedOutage[]>(fc.constant([]), fc.array(outage, { maxLength: 4 }), 2),
      latency: mostly(fc.constant(0.05), fc.constantFrom(0, 1, 4)),
      flakiness: mostly(fc.constant(0), fc.constantFrom(0.05, 0.3, 0.7), 4),
      reading: mostly<NonNullable<SimulatedScenario['reading']>>(
        fc.constant('honest'),
        fc.constantFrom('endless_pages', 'stuck_cursor', 'flapping', 'repeats'),
        4,
      ),
      clockJumps: sometimes(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 100 }), by: fc.integer({ min: -7_200, max: 7_200 }) }), {
          maxLength: 3,
        }),
        6,
      ),
    })
    .map(withoutUndefined),
});

/** Submissions whose answers are lost, on an orchestrator that would take any number of runs of one key. */
export const lostSubmissions: fc.Arbitrary<Schedule> = anySchedule.chain((schedule) =>
  fc.array(submission, { minLength: 1, maxLength: 5 }).map((submissions): Schedule => {
    // a second client and a deleted run may make a second run rightly
    const { rivalAt: _, ...scenario } = schedule.scenario;
    const kept = schedule.scenario.runs.map(withoutDeletion) as [SimulatedRun, ...SimulatedRun[]];
    const visibleInTime = submissions.map((fate): SimulatedSubmission =>
      fate.kind === 'made_late' ? { kind: 'made_late', seconds: fate.seconds % 9 } : fate,
    );
    return { ...schedule, scenario: { ...scenario, runs: kept, submissions: visibleInTime, oneRunPerKey: 'not' } };
  }),
);

function withoutDeletion({ deletedAt: _, ...run }: SimulatedRun): SimulatedRun {
  return run;
}

/** Absent instead of undefined. */
function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Value]: Exclude<Value[Key], undefined> };
}
