import type { Diagnosis } from '@floe/core/execution/job-result';
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
} from '@floe/core/execution/run-backend';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { runUrl } from './prefect-addresses.js';
import { flowRunSchema, orchestrationAnswer, type FlowRun } from './prefect-answers.js';
import type { PrefectClient } from './prefect-client.js';
import { readDeployment } from './prefect-deployed-state.js';
import { diagnose } from './prefect-diagnosis.js';
import { gatherFacts, readErrors } from './prefect-diagnosis-facts.js';
import { causeOf } from './prefect-failure-cause.js';
import { idempotencyKey, launchParameters, type RunNames } from './prefect-launch.js';
import { parseRunCursor, writeRunCursor, type RunCursor } from './prefect-run-cursor.js';
import { readNodes, readRecord } from './prefect-run-events.js';
import { readRunLog } from './prefect-run-log.js';
import { activeStates, awaitsSlot, endingOf, phaseOf, startOf, wasTurnedAway } from './prefect-run-state.js';
import { findRun, readRun, readRuns, runNotFound } from './prefect-runs.js';

/** What the backend of one product needs. */
export interface PrefectBackendOptions {
  readonly client: PrefectClient;
  readonly names: RunNames;
  readonly workPool: string;
  /** Seconds. */
  readonly heartbeatTolerance: number;
  readonly clock: Clock;
}

/** Milliseconds in which a crash may turn out to be none: the process of a run that was given up may still be at work. */
const crashConfirmMs = 2_000;
/** Milliseconds after which an end is believed at first sight. */
const settledMs = 10_000;

/** Prefect for the run driver: REST in, snapshots out. */
export class PrefectRunBackend implements RunBackend {
  readonly #client: PrefectClient;
  readonly #names: RunNames;
  readonly #options: PrefectBackendOptions;

  constructor(options: PrefectBackendOptions) {
    this.#client = options.client;
    this.#names = options.names;
    this.#options = options;
  }

  async submit(input: SubmitInput, call: CallOptions): Promise<SubmitOutcome> {
    const { flow, deployment: name } = this.#names;
    const deployment = await readDeployment(this.#client, flow, name, call);
    if (!deployment.ok) return { kind: 'rejected', fault: deployment.failure };
    const refused = checkDeployment(deployment.value?.version, input.expectedHash, `${flow}/${name}`);
    if (deployment.value === undefined || refused !== undefined) {
      return { kind: 'rejected', fault: refused ?? missingDeployment(`${flow}/${name}`) };
    }
    const json = launchParameters(input.request, this.#names);
    if (!json.ok) return { kind: 'rejected', fault: json.failure };
    const path = `/deployments/${deployment.value.id}/create_flow_run`;
    const answer = await this.#client.ask(
      { method: 'POST', path, json: json.value, repeatable: true },
      flowRunSchema,
      call,
    );
    if (answer.ok) return { kind: 'submitted', run: this.reference(answer.value.id) };
    return { kind: answer.failure.nothingHappened === true ? 'rejected' : 'unknown', fault: answer.failure };
  }

  async find(key: string, call: CallOptions): Promise<Outcome<RunReference | undefined, BackendFault>> {
    const filter = { flowName: this.#names.flow, idempotencyKeys: [idempotencyKey(this.#names, key)] };
    const runs = await readRuns(this.#client, filter, 1, call);
    if (!runs.ok) return runs;
    const [run] = runs.value;
    return success(run === undefined ? undefined : this.reference(run.id));
  }

  /** The run with a key, else the one with this run id; RUN_NOT_FOUND when there is neither. */
  async locate(keyOrRunId: string, call: CallOptions): Promise<Outcome<RunReference, BackendFault>> {
    const byKey = await this.find(keyOrRunId, call);
    if (!byKey.ok) return byKey;
    if (byKey.value !== undefined) return success(byKey.value);
    const run = await findRun(this.#client, keyOrRunId, call);
    if (!run.ok) return run;
    return run.value === undefined ? failure(runNotFound(keyOrRunId)) : success(this.reference(run.value.id));
  }

  async read(run: RunReference, cursor: string | null, call: CallOptions): Promise<Outcome<RunSnapshot, BackendFault>> {
    const before = parseRunCursor(cursor);
    const found = await readRun(this.#client, run.runId, call);
    if (!found.ok) return found;
    const { value } = found;
    const phase = phaseOf(value);
    if (phase !== 'ended') return this.#readLive(value, phase, before, call);
    if (wasTurnedAway(value) && !before.turnedAway) return success(turnedAwaySnapshot(before));
    if (!this.#isConfirmed(value, before)) return success(this.#unconfirmedSnapshot(value, before));
    return this.#readEnded(value, before, call);
  }

  logs(run: RunReference, cursor: string | null, call: CallOptions): Promise<Outcome<LogPage, BackendFault>> {
    return readRunLog(this.#client, run.runId, cursor, call);
  }

  async cancel(run: RunReference, force: boolean, call: CallOptions): Promise<Outcome<CancelOutcome, BackendFault>> {
    // A terminal state is not final for Prefect: setting another one would wake the run up.
    const found = await readRun(this.#client, run.runId, call);
    if (!found.ok) return found;
    const phase = phaseOf(found.value);
    if (phase === 'ended') return success('already_ended');
    if (phase === 'cancelling' && !force) return success('accepted');
    const state = force
      ? { type: 'CANCELLED', name: 'Cancelled', message: 'Ended by force by floe; work may still run.' }
      : { type: 'CANCELLING', name: 'Cancelling' };
    const answer = await this.#client.ask(
      { method: 'POST', path: `/flow_runs/${run.runId}/set_state`, json: { state, force }, repeatable: true },
      orchestrationAnswer,
      call,
    );
    if (!answer.ok) return answer.failure.status === 404 ? failure(runNotFound(run.runId)) : answer;
    switch (answer.value.status) {
      case 'ACCEPT':
        return success('accepted');
      case 'REJECT':
        // Without a process there is nothing to wait for: Prefect refuses and has ended it.
        return success(answer.value.state?.type === 'CANCELLED' ? 'already_ended' : 'not_now');
      case 'ABORT':
        return success(/terminal state/iu.test(answer.value.details?.reason ?? '') ? 'already_ended' : 'not_now');
      default:
        return success('not_now');
    }
  }

  async diagnose(run: RunReference | undefined, phase: StuckPhase, call: CallOptions): Promise<Diagnosis> {
    const { client, clock, workPool, heartbeatTolerance } = this.#options;
    const { flow, deployment } = this.#names;
    const sources = { client, clock, flow, deployment, workPool, heartbeatTolerance };
    return diagnose(await gatherFacts(sources, run?.runId, phase, call));
  }

  /** A run by its id, with the address of its page. */
  reference(runId: string): RunReference {
    return { runId, url: runUrl(this.#client.url, runId) };
  }

  async #readLive(
    run: FlowRun,
    phase: RunCursor['phase'],
    before: RunCursor,
    call: CallOptions,
  ): Promise<Outcome<RunSnapshot, BackendFault>> {
    const startedAt = startOf(run);
    const news =
      startedAt === undefined
        ? success({ nodes: [], until: before.nodesUntil })
        : await readNodes(this.#client, run.id, before.nodesUntil, call);
    if (!news.ok) return news;
    return success({
      phase,
      ...(phase === 'queued' && { waitingForOwnSlot: await this.#waitsForOwnSlot(run, call) }),
      ...(startedAt !== undefined && { startedAt }),
      nodes: news.value.nodes,
      cursor: writeRunCursor({ ...before, phase, ended: null, nodesUntil: news.value.until }),
      hasMore: false,
    });
  }

  async #readEnded(run: FlowRun, before: RunCursor, call: CallOptions): Promise<Outcome<RunSnapshot, BackendFault>> {
    const news = await readNodes(this.#client, run.id, before.nodesUntil, call);
    if (!news.ok) return news;
    const record = await readRecord(this.#client, run.id, this.#names.record, call);
    if (!record.ok) return record;
    const ending = endingOf(run);
    const needsCause = record.value === undefined && (ending === 'lost' || ending === 'failed');
    const cause = needsCause ? causeOf(run, await readErrors(this.#client, run.id, call)) : undefined;
    const startedAt = startOf(run);
    return success({
      phase: 'ended',
      ending: cause?.kind ?? ending,
      ...(startedAt !== undefined && { startedAt }),
      ...(run.end_time !== null && { finishedAt: run.end_time }),
      nodes: news.value.nodes,
      cursor: writeRunCursor({ ...before, nodesUntil: news.value.until }),
      hasMore: false,
      ...(record.value !== undefined && { record: record.value }),
      ...(cause !== undefined && { cause: cause.diagnosis }),
    });
  }

  /** Prefect lets a run go on from any terminal state, so that a new one is believed only when it is seen twice. */
  #isConfirmed(run: FlowRun, { ended }: RunCursor): boolean {
    if (this.#options.clock.now() - Date.parse(run.state?.timestamp ?? '') >= settledMs) return true;
    if (ended?.state !== stateOf(run)) return false;
    const patience = run.state_type === 'CRASHED' ? crashConfirmMs : 0;
    return this.#options.clock.now() - ended.at >= patience;
  }

  #unconfirmedSnapshot(run: FlowRun, before: RunCursor): RunSnapshot {
    const state = stateOf(run);
    const at = before.ended?.state === state ? before.ended.at : this.#options.clock.now();
    const startedAt = startOf(run);
    return {
      phase: before.phase,
      ...(startedAt !== undefined && { startedAt }),
      nodes: [],
      cursor: writeRunCursor({ ...before, ended: { state, at } }),
      // A crash is looked at again after a while, everything else at once.
      hasMore: run.state_type !== 'CRASHED',
    };
  }

  /** True while another run of the product is at work. */
  async #waitsForOwnSlot(run: FlowRun, call: CallOptions): Promise<boolean> {
    if (!awaitsSlot(run) || run.deployment_id === null) return false;
    const filter = { deploymentIds: [run.deployment_id], stateTypes: activeStates };
    const runs = await readRuns(this.#client, filter, 2, call);
    return runs.ok && runs.value.some(({ id }) => id !== run.id);
  }
}

function stateOf({ state_type: type, state }: FlowRun): string {
  return `${type ?? ''} ${state?.timestamp ?? ''}`;
}

/** With `on_busy: skip` or `fail` Prefect cancels a run that finds its slot taken; the driver shall know why. */
function turnedAwaySnapshot(before: RunCursor): RunSnapshot {
  return {
    phase: 'queued',
    waitingForOwnSlot: true,
    nodes: [],
    cursor: writeRunCursor({ ...before, turnedAway: true }),
    hasMore: false,
  };
}

/** Refuses what is not deployed, or what is deployed but not what was planned. */
function checkDeployment(
  deployed: string | null | undefined,
  expectedHash: string | null,
  name: string,
): BackendFault | undefined {
  if (deployed === undefined) return missingDeployment(name);
  if (expectedHash === null || deployed === expectedHash) return undefined;
  return {
    code: 'DEPLOYMENT_STALE',
    message: `Prefect has ${deployed ?? 'no bundle of this product'}, but the run was planned with ${expectedHash}.`,
    resolution: 'Deploy the product (`floe deploy`), then run again.',
    retryable: false,
  };
}

function missingDeployment(name: string): BackendFault {
  return {
    code: 'DEPLOYMENT_MISSING',
    message: `Prefect has no deployment "${name}".`,
    resolution: 'Deploy the product first (`floe deploy`).',
    retryable: false,
  };
}
