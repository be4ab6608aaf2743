import type { NodeStatus } from '../execution/node-status.js';

/** One node of a simulated run. */
export interface SimulatedNode {
  readonly id: string;
  readonly status: NodeStatus;
  /** Seconds of work. */
  readonly seconds: number;
}

/**
 * What the orchestrator makes of one submission.
 * `made`: a run and its answer. `answer_lost`: a run, no answer. `made_late`: no answer, the run appears later.
 * `request_lost`: neither. `refused_for_now`, `refused`: certainly no run.
 */
export type SimulatedSubmission =
  | { readonly kind: 'made' | 'answer_lost' | 'request_lost' | 'refused_for_now' | 'refused' }
  | { readonly kind: 'made_late'; readonly seconds: number };

/** How a simulated run goes; seconds, null for never. */
export interface SimulatedRun {
  readonly queue: number | null;
  readonly start: number | null;
  readonly nodes: readonly SimulatedNode[];
  /** Seconds from the last node to the end of the run. */
  readonly tail: number;
  /** The work does not end: `runtime`, and the orchestrator's own limit ends it; `all`, and nothing does. */
  readonly hangs?: 'runtime' | 'all';
  /** The fraction of the work after which its worker process dies. */
  readonly diesAt?: number;
  /** The orchestrator knows why the worker died. */
  readonly deathExplained?: boolean;
  /** The orchestrator starts another run in place of a dead one. */
  readonly restarts?: boolean;
  /** Seconds after its creation at which somebody deletes the run. */
  readonly deletedAt?: number;
  /** Seconds after its creation at which somebody else cancels it. */
  readonly cancelledAt?: number;
  /** Seconds from the end to the record; null for never. */
  readonly record: number | null;
  /** How the record or the ending deceive. */
  readonly lie?:
    | 'record_omits_node'
    | 'record_misses_node'
    | 'record_unknown_status'
    | 'record_other_key'
    | 'record_other_bundle'
    | 'record_truncated'
    | 'record_truncated_short'
    | 'says_succeeded'
    | 'says_failed'
    | 'no_ending';
  /** How the orchestrator takes a cancel. */
  readonly cancel?: 'ends' | 'not_while_starting' | 'only_forced' | 'never_ends' | 'forbidden';
}

/** A time in which calls go wrong; seconds of the simulation. */
export interface SimulatedOutage {
  readonly from: number;
  readonly to: number;
  readonly kind: 'unavailable' | 'hangs' | 'throws' | 'too_many_requests' | 'unauthorized' | 'slow';
}

/** How looks at a run deceive without lying about its end. */
export type SimulatedReading = 'honest' | 'endless_pages' | 'stuck_cursor' | 'flapping' | 'repeats';

/** Everything that happens to one driven run. */
export interface SimulatedScenario {
  /** Behaviour of the first, second, … run that is made; the last one goes on for all that follow. */
  readonly runs: readonly [SimulatedRun, ...SimulatedRun[]];
  /** Fate of the first, second, … submission; after the last all are `made`. */
  readonly submissions?: readonly SimulatedSubmission[];
  /**
   * How the orchestrator keeps to one run per key: `at_start` lets a second run be made, which then ends as a duplicate;
   * `at_submit` answers a second submission with the first run; `not` does nothing.
   */
  readonly oneRunPerKey?: 'at_start' | 'at_submit' | 'not';
  /** Seconds at which another client submits the same key. */
  readonly rivalAt?: number;
  /** Seconds for which another run of the product holds the slot from the beginning. */
  readonly slotHeldFor?: number;
  readonly outages?: readonly SimulatedOutage[];
  /** Seconds of a call. */
  readonly latency?: number;
  /** Chance of a call to fail for a moment. */
  readonly flakiness?: number;
  readonly reading?: SimulatedReading;
  /** Jumps of the client's clock: at which second, by how many seconds. */
  readonly clockJumps?: readonly { readonly at: number; readonly by: number }[];
}
