import type { Diagnosis, RunStatus } from '../execution/job-result.js';
import { isSuccessful } from '../execution/node-status.js';
import type { RunReference } from '../execution/run-backend.js';
import type { NodeResult, RunRecord } from '../execution/run-record.js';
import type { RunRequest } from '../execution/run-request.js';
import { simulatedRecord, nodeResult } from './simulated-record.js';
import type { SimulatedNode, SimulatedRun, SimulatedScenario } from './simulated-scenario.js';

/** The truth about one run inside the simulation; times in seconds. */
export interface WorldRun {
  readonly reference: RunReference;
  readonly request: RunRequest;
  readonly behaviour: SimulatedRun;
  readonly createdAt: number;
  readonly plan: readonly SimulatedNode[];
  phase: 'queued' | 'starting' | 'running' | 'ended';
  waitingForSlot: boolean;
  /** Somebody has asked it to end. */
  cancelling: boolean;
  /** When nothing but the slot kept it in the queue. */
  readyAt?: number;
  dequeuedAt?: number;
  startedAt?: number;
  endedAt?: number;
  ending?: RunStatus;
  cause?: Diagnosis;
  /** True when dbt was executed in it. */
  executed: boolean;
  deleted: boolean;
  /** Node results in their order, with the second of each. */
  readonly results: { readonly at: number; readonly result: NodeResult }[];
  record?: RunRecord;
  recordAt?: number;
  /** True when it takes the place of a run that died. */
  readonly isRestart: boolean;
  restartedAs?: RunReference;
  duplicateOf?: RunReference;
  /** The next change. */
  due: { at: number; apply: () => void } | undefined;
}

/** Limits that the simulated runtime and orchestrator keep by themselves, in seconds. */
export interface WorldLimits {
  readonly timeout: number;
  readonly orchestratorMargin: number;
}

const restartAfter = 2;
const cancelTakes = 2;

/**
 * A small orchestrator: a queue, one slot for the product, runs that go through their phases, die, are restarted and
 * cancelled as the scenario says. It knows no faults of the network and never deceives itself.
 */
export class SimulatedWorld {
  readonly runs: WorldRun[] = [];
  /** The most runs of one key that were at work at the same time. */
  mostAtWork = 0;
  readonly #scenario: SimulatedScenario;
  readonly #limits: WorldLimits;
  readonly #bundleHash: string | null;
  #now = 0;

  constructor(scenario: SimulatedScenario, limits: WorldLimits, bundleHash: string | null) {
    this.#scenario = scenario;
    this.#limits = limits;
    this.#bundleHash = bundleHash;
  }

  /** Makes a run, or gives the one that the key has already. */
  create(request: RunRequest): RunReference {
    const older = this.#scenario.oneRunPerKey === 'at_submit' ? this.oldest(request.key) : undefined;
    return (older ?? this.#make(request)).reference;
  }

  /** The oldest run with a key. */
  oldest(key: string): WorldRun | undefined {
    return this.runs.find((run) => run.request.key === key && !run.deleted);
  }

  byId(runId: string): WorldRun | undefined {
    return this.runs.find((run) => run.reference.runId === runId && !run.deleted);
  }

  /** Lets everything happen that is due until a moment. */
  advanceTo(seconds: number): void {
    for (;;) {
      const next = this.#nextDue(seconds);
      if (next?.due === undefined) break;
      const { at, apply } = next.due;
      next.due = undefined;
      this.#now = Math.max(this.#now, at);
      apply();
    }
    this.#now = Math.max(this.#now, seconds);
  }

  /** Asks a run to end. */
  cancel(run: WorldRun, force: boolean): 'accepted' | 'already_ended' | 'not_now' | 'forbidden' {
    if (run.phase === 'ended') return 'already_ended';
    const { cancel = 'ends' } = run.behaviour;
    if (cancel === 'forbidden') return 'forbidden';
    if (run.phase === 'starting' && cancel === 'not_while_starting' && !force) return 'not_now';
    if (cancel === 'never_ends' || (cancel === 'only_forced' && !force)) {
      run.cancelling = true;
      return 'accepted';
    }
    this.#beginCancel(run, force);
    return 'accepted';
  }

  #nextDue(until: number): WorldRun | undefined {
    let next: WorldRun | undefined;
    for (const run of this.runs) {
      if (run.due === undefined || run.due.at > until) continue;
      if (next?.due === undefined || run.due.at < next.due.at) next = run;
    }
    return next;
  }

  #make(request: RunRequest, isRestart = false): WorldRun {
    const { runs } = this.#scenario;
    const number = this.runs.length;
    const behaviour = runs[Math.min(number, runs.length - 1)] ?? runs[0];
    const wanted = request.ids === null ? undefined : new Set(request.ids);
    const run: WorldRun = {
      reference: { runId: `run-${number + 1}`, url: `http://orchestrator.test/runs/${number + 1}` },
      request,
      behaviour,
      createdAt: this.#now,
      plan: behaviour.nodes.filter(({ id }) => wanted?.has(id) ?? true),
      phase: 'queued',
      waitingForSlot: false,
      cancelling: false,
      isRestart,
      executed: false,
      deleted: false,
      results: [],
      due: undefined,
    };
    this.runs.push(run);
    if (behaviour.queue !== null)
      this.#plan(run, this.#now + behaviour.queue, () => {
        this.#dequeue(run);
      });
    return run;
  }

  #plan(run: WorldRun, at: number, apply: () => void): void {
    run.due = { at, apply };
  }

  /** Things that others do to a run; looked at by the backend before each answer. */
  disturb(seconds: number): void {
    for (const run of [...this.runs]) {
      const { deletedAt, cancelledAt } = run.behaviour;
      if (deletedAt !== undefined && seconds >= run.createdAt + deletedAt) run.deleted = true;
      if (cancelledAt !== undefined && seconds >= run.createdAt + cancelledAt && !run.cancelling) {
        if (run.phase !== 'ended') this.cancel(run, false);
      }
    }
  }

  #dequeue(run: WorldRun): void {
    run.readyAt ??= this.#now;
    const heldUntil = this.#scenario.slotHeldFor ?? 0;
    const holder = this.runs.find(
      (other) => other !== run && (other.phase === 'starting' || other.phase === 'running'),
    );
    if (holder !== undefined || this.#now < heldUntil) {
      run.waitingForSlot = true;
      const again = holder === undefined ? heldUntil : this.#now + 1;
      this.#plan(run, again, () => {
        this.#dequeue(run);
      });
      return;
    }
    run.waitingForSlot = false;
    run.dequeuedAt = this.#now;
    run.phase = 'starting';
    const { start } = run.behaviour;
    if (start !== null)
      this.#plan(run, this.#now + start, () => {
        this.#begin(run);
      });
  }

  #begin(run: WorldRun): void {
    const older = this.runs.find(({ executed, request }) => executed && request.key === run.request.key);
    if (older !== undefined && !run.isRestart && this.#scenario.oneRunPerKey !== 'not') {
      run.duplicateOf = older.reference;
      this.#end(run, 'succeeded', undefined, 'duplicate');
      return;
    }
    run.phase = 'running';
    run.startedAt = this.#now;
    run.executed = true;
    const atWork = this.runs.filter(({ phase, request }) => phase === 'running' && request.key === run.request.key);
    this.mostAtWork = Math.max(this.mostAtWork, atWork.length);
    this.#work(run);
  }

  #work(run: WorldRun): void {
    const { diesAt, tail, hangs } = run.behaviour;
    const { timeout, orchestratorMargin } = this.#limits;
    let at = this.#now;
    for (const node of run.plan) {
      run.results.push({ at, result: nodeResult(node, 'running') });
      at += node.seconds;
      run.results.push({ at, result: nodeResult(node, node.status) });
    }
    const work = at - this.#now;
    if (diesAt !== undefined) {
      this.#plan(run, this.#now + work * diesAt, () => {
        this.#die(run);
      });
      return;
    }
    if (hangs === 'all') return;
    if (hangs === 'runtime') {
      this.#plan(run, this.#now + timeout + orchestratorMargin, () => {
        this.#end(run, 'timed_out', undefined, undefined);
      });
      return;
    }
    if (work > timeout) {
      this.#plan(run, this.#now + timeout, () => {
        this.#end(run, 'failed', undefined, 'timed_out');
      });
      return;
    }
    this.#plan(run, at + tail, () => {
      const green = run.plan.every(({ status }) => isSuccessful(status));
      this.#end(run, green ? 'succeeded' : 'failed', undefined, green ? 'succeeded' : 'failed');
    });
  }

  #die(run: WorldRun): void {
    const { deathExplained = false, restarts = false } = run.behaviour;
    const cause = deathExplained
      ? { cause: 'out_of_memory', message: 'The worker was killed.', resolution: 'Give it more memory.' }
      : undefined;
    this.#end(run, 'failed', cause, undefined);
    if (!restarts) return;
    this.#plan(run, this.#now + restartAfter, () => {
      run.restartedAs = this.#make(run.request, true).reference;
    });
  }

  #beginCancel(run: WorldRun, force: boolean): void {
    run.cancelling = true;
    const running = run.phase === 'running';
    if (force || !running) {
      this.#end(run, 'cancelled', undefined, running ? 'cancelled' : undefined);
      return;
    }
    this.#plan(run, this.#now + cancelTakes, () => {
      this.#end(run, 'cancelled', undefined, 'cancelled');
    });
  }

  #end(
    run: WorldRun,
    ending: RunStatus,
    cause: Diagnosis | undefined,
    outcome: RunRecord['outcome'] | undefined,
  ): void {
    run.phase = 'ended';
    run.due = undefined;
    run.waitingForSlot = false;
    run.endedAt = this.#now;
    run.ending = ending;
    if (cause !== undefined) run.cause = cause;
    this.#cutOff(run);
    const { record } = run.behaviour;
    if (outcome === undefined || record === null) return;
    run.recordAt = this.#now + record;
    run.record = simulatedRecord(run, outcome, this.#bundleHash);
  }

  /** Nothing more is heard of nodes after the end. */
  #cutOff(run: WorldRun): void {
    const kept = run.results.filter(({ at }) => at <= this.#now);
    run.results.splice(0, run.results.length, ...kept);
  }
}
