import { describe, expect, it } from '@jest/globals';
import { greenRun, play, type PlayOptions } from '../../tests/execution/play-scenario.js';
import { dead, failing, long, outage } from '../../tests/execution/usual-runs.js';
import type { SimulatedScenario } from '../testing/simulated-scenario.js';

interface Expected {
  readonly status?: string;
  /** Code of the result's error, or of the error that is thrown when there is no result. */
  readonly code?: string;
  readonly cause?: string | undefined;
  /** Number of runs that the orchestrator made. */
  readonly runs?: number;
  readonly runId?: string;
  /** Force of each cancel. */
  readonly cancels?: readonly boolean[];
  /** Seconds of the simulation. */
  readonly within?: readonly [number, number];
  readonly message?: string;
}

/** Where a row names no code. */
const usualCodes: Readonly<Record<string, string>> = { cancelled: 'RUN_CANCELLED', timed_out: 'RUN_TIMED_OUT' };

type Row = readonly [name: string, scenario: SimulatedScenario, expected: Expected, options?: PlayOptions];

const endings: readonly Row[] = [
  ['all green', { runs: [greenRun] }, { status: 'succeeded', runs: 1, cancels: [] }],
  [
    'a node failed',
    { runs: [failing] },
    { status: 'failed', code: 'RUN_FAILED', message: '1 node failed: model.shop.model_2.' },
  ],
  [
    'a status that nobody knows',
    { runs: [{ ...greenRun, lie: 'record_unknown_status' }] },
    { status: 'failed', code: 'RUN_FAILED' },
  ],
  [
    'a node less in the record',
    { runs: [{ ...greenRun, lie: 'record_omits_node' }] },
    { status: 'failed', code: 'RUN_INCOMPLETE' },
  ],
  [
    'a node named as missing',
    { runs: [{ ...greenRun, lie: 'record_misses_node' }] },
    { status: 'failed', code: 'RUN_INCOMPLETE' },
  ],
  [
    'a node less in the plan of the run',
    { runs: [{ ...greenRun, nodes: greenRun.nodes.slice(1) }] },
    { status: 'failed', code: 'RUN_INCOMPLETE' },
  ],
  [
    'a shortened record with full counts',
    { runs: [{ ...greenRun, lie: 'record_truncated' }] },
    { status: 'succeeded' },
  ],
  [
    'a shortened record with a count too low',
    { runs: [{ ...greenRun, lie: 'record_truncated_short' }] },
    { status: 'failed', code: 'RUN_INCOMPLETE' },
  ],
  ['a record that comes late', { runs: [{ ...greenRun, record: 10 }] }, { status: 'succeeded' }],
  [
    'no record although it says succeeded',
    { runs: [{ ...greenRun, record: null }] },
    { status: 'lost', code: 'FINISH_TIMEOUT' },
  ],
  ['a record too late', { runs: [{ ...greenRun, record: 30 }] }, { status: 'lost', code: 'FINISH_TIMEOUT' }],
  [
    'the record of another run',
    { runs: [{ ...greenRun, lie: 'record_other_key' }] },
    { status: 'lost', code: 'FINISH_TIMEOUT' },
  ],
  [
    'the record of another bundle',
    { runs: [{ ...greenRun, lie: 'record_other_bundle' }] },
    { status: 'failed', code: 'DEPLOYMENT_STALE' },
  ],
  [
    'succeeded for a failed run',
    { runs: [{ ...failing, lie: 'says_succeeded' }] },
    { status: 'failed', code: 'RUN_FAILED' },
  ],
  ['failed for a green run', { runs: [{ ...greenRun, lie: 'says_failed' }] }, { status: 'failed', code: 'RUN_FAILED' }],
  ['an end without a word', { runs: [{ ...greenRun, lie: 'no_ending' }] }, { status: 'lost', code: 'RUN_LOST' }],
  [
    'a worker that dies for a known reason',
    { runs: [{ ...dead, deathExplained: true }] },
    { status: 'failed', code: 'RUN_FAILED', cause: 'out_of_memory' },
  ],
  [
    'a worker that dies for no known reason',
    { runs: [dead] },
    { status: 'lost', code: 'RUN_LOST', cause: 'stuck_finishing' },
  ],
  ['a run that somebody deletes', { runs: [{ ...long, deletedAt: 20 }] }, { status: 'lost', code: 'RUN_LOST' }],
  [
    'a run that somebody cancels',
    { runs: [{ ...long, cancelledAt: 20 }] },
    { status: 'cancelled', code: 'RUN_CANCELLED', cancels: [] },
  ],
];

const deadlines: readonly Row[] = [
  [
    'stuck in the queue',
    { runs: [{ ...greenRun, queue: null }] },
    { status: 'timed_out', code: 'QUEUE_TIMEOUT', cause: 'stuck_queued', cancels: [false], within: [60, 72] },
  ],
  [
    'stuck at the start',
    { runs: [{ ...greenRun, start: null }] },
    { status: 'timed_out', code: 'START_TIMEOUT', cause: 'stuck_starting', cancels: [false], within: [32, 45] },
  ],
  [
    'the child ends itself at its limit',
    { runs: [{ ...greenRun, nodes: greenRun.nodes.map((node) => ({ ...node, seconds: 40 })) }] },
    { status: 'timed_out', code: 'RUN_TIMED_OUT', cancels: [], within: [95, 105] },
  ],
  [
    'the orchestrator ends it at its limit',
    { runs: [{ ...greenRun, hangs: 'runtime', record: null }] },
    { status: 'timed_out', code: 'RUN_TIMED_OUT', cancels: [], within: [105, 130] },
  ],
  [
    'the driver ends it at its limit',
    { runs: [{ ...greenRun, hangs: 'all' }] },
    { status: 'timed_out', code: 'RUN_TIMED_OUT', cancels: [false], within: [115, 130] },
  ],
  [
    'the slot of the product is taken for long',
    { runs: [greenRun], slotHeldFor: 80 },
    { status: 'succeeded', within: [90, 110] },
  ],
  [
    'the slot of the product is never free',
    { runs: [greenRun], slotHeldFor: 1_000 },
    { status: 'timed_out', code: 'RUN_TIMED_OUT', within: [110, 125] },
  ],
  [
    'somebody cancels and it does not end',
    { runs: [{ ...greenRun, hangs: 'all', cancelledAt: 20, cancel: 'only_forced' }] },
    { status: 'cancelled', code: 'RUN_CANCELLED', cancels: [true], within: [29, 45] },
  ],
  [
    'one state today, another tomorrow',
    { runs: [{ ...greenRun, hangs: 'all' }], reading: 'flapping' },
    { status: 'timed_out', code: 'RUN_TIMED_OUT', within: [115, 130] },
  ],
];

const submissions: readonly Row[] = [
  [
    'the answer is lost, the run is there',
    { runs: [greenRun], submissions: [{ kind: 'answer_lost' }] },
    { status: 'succeeded', runs: 1 },
  ],
  [
    'the request is lost',
    { runs: [greenRun], submissions: [{ kind: 'request_lost' }] },
    { status: 'succeeded', runs: 1, within: [20, 45] },
  ],
  [
    'the run shows after a while',
    { runs: [greenRun], submissions: [{ kind: 'made_late', seconds: 8 }] },
    { status: 'succeeded', runs: 1 },
  ],
  [
    'the run shows after a second was made',
    { runs: [greenRun], submissions: [{ kind: 'made_late', seconds: 14 }] },
    { status: 'succeeded', runs: 2 },
  ],
  [
    'refused for now, twice',
    { runs: [greenRun], submissions: [{ kind: 'refused_for_now' }, { kind: 'refused_for_now' }] },
    { status: 'succeeded', runs: 1 },
  ],
  [
    'refused for now, always',
    { runs: [greenRun], submissions: Array.from({ length: 99 }, () => ({ kind: 'refused_for_now' as const })) },
    { code: 'RUN_NOT_STARTED', runs: 0, within: [55, 75] },
  ],
  [
    'refused',
    { runs: [greenRun], submissions: [{ kind: 'refused' }] },
    { code: 'PLATFORM_REFUSED', runs: 0, within: [0, 2] },
  ],
  [
    'refused after an answer was lost',
    { runs: [greenRun], submissions: [{ kind: 'made_late', seconds: 11 }, { kind: 'refused' }] },
    { status: 'succeeded', runs: 1 },
  ],
  [
    'no permission',
    { runs: [greenRun], ...outage('unauthorized', 0, 1_000) },
    { code: 'CONNECTION_UNAUTHORIZED', runs: 0, within: [0, 2] },
  ],
  [
    'a server that is away',
    { runs: [greenRun], ...outage('unavailable', 0, 1_000) },
    { code: 'RUN_NOT_STARTED', runs: 0, within: [55, 75] },
  ],
  ['a server that comes back', { runs: [greenRun], ...outage('unavailable', 0, 30) }, { status: 'succeeded', runs: 1 }],
  [
    'another client with the same key',
    { runs: [greenRun, greenRun], rivalAt: 1, submissions: [{ kind: 'request_lost' }] },
    { status: 'succeeded', runId: 'run-1' },
  ],
  [
    'the oldest run ends as a duplicate, the one at work is followed',
    { runs: [{ ...greenRun, queue: 30 }, greenRun], submissions: [{ kind: 'made_late', seconds: 14 }] },
    { status: 'succeeded', runId: 'run-2' },
  ],
];

const observation: readonly Row[] = [
  ['a short outage', { runs: [long], ...outage('unavailable', 20, 50) }, { status: 'succeeded' }],
  ['calls that hang for a while', { runs: [long], ...outage('hangs', 20, 45) }, { status: 'succeeded' }],
  ['a plugin that throws for a while', { runs: [long], ...outage('throws', 20, 45) }, { status: 'succeeded' }],
  ['too many requests', { runs: [long], ...outage('too_many_requests', 20, 50) }, { status: 'succeeded' }],
  ['one refusal by mistake', { runs: [long], ...outage('unauthorized', 20, 20.3) }, { status: 'succeeded' }],
  [
    'an outage without an end',
    { runs: [long], ...outage('unavailable', 20, 1_000) },
    { code: 'PLATFORM_UNHEALTHY', cancels: [], within: [58, 75] },
  ],
  [
    'calls that hang without an end',
    { runs: [long], ...outage('hangs', 20, 1_000) },
    { code: 'CONNECTION_TIMEOUT', cancels: [], within: [58, 85] },
  ],
  [
    'a plugin that always throws',
    { runs: [long], ...outage('throws', 20, 1_000) },
    { code: 'PLATFORM_ANSWER_INVALID', within: [58, 75] },
  ],
  [
    'a token that ran out',
    { runs: [long], ...outage('unauthorized', 20, 1_000) },
    { code: 'CONNECTION_UNAUTHORIZED', cancels: [], within: [20, 40] },
  ],
  ['pages without an end', { runs: [greenRun], reading: 'endless_pages' }, { status: 'succeeded' }],
  ['a cursor that stands still', { runs: [greenRun], reading: 'stuck_cursor' }, { status: 'succeeded' }],
  ['everything told again', { runs: [greenRun], reading: 'repeats' }, { status: 'succeeded' }],
  ['a clock set forward by an hour', { runs: [long], clockJumps: [{ at: 30, by: 3_600 }] }, { status: 'succeeded' }],
  [
    'a clock set back by an hour',
    { runs: [{ ...greenRun, hangs: 'all' }], clockJumps: [{ at: 30, by: -3_600 }] },
    { status: 'timed_out', within: [115, 135] },
  ],
  ['a restart', { runs: [{ ...dead, restarts: true }, greenRun] }, { status: 'succeeded', runs: 2, runId: 'run-2' }],
  [
    'a restart of an explained death',
    { runs: [{ ...dead, restarts: true, deathExplained: true }, greenRun] },
    { status: 'succeeded', runId: 'run-2' },
  ],
  [
    'restarts without an end',
    { runs: [{ ...dead, restarts: true }] },
    { status: 'lost', code: 'RUN_LOST', runId: 'run-5' },
  ],
];

const cancels: readonly Row[] = [
  [
    'in the queue',
    { runs: [{ ...greenRun, queue: null }] },
    { status: 'cancelled', code: 'RUN_CANCELLED', cancels: [false], within: [10, 18] },
    { abortAt: 10 },
  ],
  [
    'at work',
    { runs: [long] },
    { status: 'cancelled', code: 'RUN_CANCELLED', cancels: [false], within: [10, 16] },
    { abortAt: 10 },
  ],
  [
    'not while it starts',
    { runs: [{ ...greenRun, start: 8, cancel: 'not_while_starting' }] },
    { status: 'cancelled', within: [10, 16] },
    { abortAt: 5 },
  ],
  [
    'never while it starts',
    { runs: [{ ...greenRun, start: null, cancel: 'not_while_starting' }] },
    { status: 'cancelled', cause: 'forced', within: [15, 30] },
    { abortAt: 5 },
  ],
  [
    'only by force',
    { runs: [{ ...long, hangs: 'all', cancel: 'only_forced', record: null }] },
    { status: 'cancelled', cause: 'forced', cancels: [false, true], within: [20, 40] },
    { abortAt: 10 },
  ],
  [
    'forced, and the record shows that the work has ended',
    { runs: [{ ...long, cancel: 'only_forced' }] },
    { status: 'cancelled', cause: undefined, cancels: [false, true] },
    { abortAt: 10 },
  ],
  [
    'not at all',
    { runs: [{ ...long, hangs: 'all', cancel: 'never_ends' }] },
    { status: 'cancelled', cause: 'cancel_unconfirmed', cancels: [false, true], within: [30, 45] },
    { abortAt: 10 },
  ],
  [
    'not allowed',
    { runs: [{ ...long, cancel: 'forbidden' }] },
    { status: 'cancelled', cause: 'cancel_unconfirmed', cancels: [false, true], within: [30, 45] },
    { abortAt: 10 },
  ],
  [
    'while the server is away',
    { runs: [long], ...outage('unavailable', 8, 1_000) },
    { status: 'cancelled', cause: 'cancel_unconfirmed', within: [30, 45] },
    { abortAt: 10 },
  ],
  [
    'while the server hangs',
    { runs: [long], ...outage('hangs', 8, 1_000) },
    { status: 'cancelled', cause: 'cancel_unconfirmed', within: [30, 50] },
    { abortAt: 10 },
  ],
  ['when it has ended meanwhile', { runs: [greenRun] }, { status: 'succeeded', cancels: [false] }, { abortAt: 18.15 }],
  [
    'before anything was submitted',
    { runs: [greenRun] },
    { code: 'CANCELLED', runs: 0, within: [0, 1] },
    { abortAt: 0 },
  ],
  [
    'while the submission hangs',
    { runs: [long], ...outage('hangs', 0.04, 1_000) },
    { code: 'CANCELLED', within: [1, 30] },
    { abortAt: 1 },
  ],
  [
    'after an answer was lost',
    { runs: [long], submissions: [{ kind: 'made_late', seconds: 5 }] },
    { status: 'cancelled', runs: 1 },
    { abortAt: 2 },
  ],
];

describe.each([
  ['the end of a run', endings],
  ['a deadline', deadlines],
  ['a submission', submissions],
  ['watching', observation],
  ['a cancel by the caller', cancels],
] as const)('driveRun, %s', (_group, rows) => {
  const complete = rows.map(([name, scenario, expected, options = {}]) => ({ name, scenario, expected, options }));

  it.each(complete)('$name', async ({ scenario, expected, options }) => {
    const { result, error, backend, endedAt } = await play(scenario, options);
    const seen: Record<keyof Expected, unknown> = {
      status: result?.status,
      code: result?.error?.code ?? error?.code,
      cause: result?.diagnosis?.cause,
      runs: backend.world.runs.length,
      runId: result?.runId,
      cancels: backend.calls.filter(({ name }) => name === 'cancel').map(({ force }) => force),
      within: endedAt,
      message: result?.error?.message ?? error?.message,
    };
    const { within, ...exact } = { status: undefined, code: usualCodes[expected.status ?? ''], ...expected };
    expect(seen).toMatchObject(exact);
    if (within !== undefined) {
      expect(endedAt).toBeGreaterThanOrEqual(within[0]);
      expect(endedAt).toBeLessThanOrEqual(within[1]);
    }
    expect(backend.world.mostAtWork).toBeLessThanOrEqual(1);
  });
});
