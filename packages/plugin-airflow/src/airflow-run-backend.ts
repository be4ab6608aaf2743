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
import { runAnswer, type LogItem, type Run, type TaskInstance } from './airflow-answers.js';
import { anyAnswer, apiPath, type AirflowClient, type AirflowFault } from './airflow-client.js';
import { diagnose } from './airflow-diagnosis.js';
import { gatherFacts } from './airflow-diagnosis-facts.js';
import { endOf } from './airflow-failure-cause.js';
import { checkDeployment } from './airflow-loading.js';
import { buildTaskId, runIdOf } from './airflow-names.js';
import { logBeginning, parseLogCursor, parseRunCursor, writeLogCursor, writeRunCursor } from './airflow-run-cursor.js';
import { readLogLines, readNodeResults } from './airflow-run-events.js';
import { readTaskLog, type TaskTry } from './airflow-run-log.js';
import { isTaskEnded, phaseOf, runUrl } from './airflow-run-state.js';
import {
  readEventLogs,
  readRecord,
  readRun,
  readRuns,
  readTask,
  readTasksUnderWay,
  type RunName,
} from './airflow-runs.js';

/** What the backend of one product needs. */
export interface AirflowBackendOptions {
  readonly client: AirflowClient;
  /** The DAG of the product. */
  readonly dagId: string;
  readonly clock: Clock;
}

/** Milliseconds after a cancellation in which the process of the run may still end dbt and write its record. */
const cancellationMs = 12_000;

/** Airflow for the run driver: REST in, snapshots out. */
export class AirflowRunBackend implements RunBackend {
  readonly #client: AirflowClient;
  readonly #dagId: string;
  readonly #clock: Clock;

  constructor({ client, dagId, clock }: AirflowBackendOptions) {
    this.#client = client;
    this.#dagId = dagId;
    this.#clock = clock;
  }

  async submit({ request, expectedHash }: SubmitInput, call: CallOptions): Promise<SubmitOutcome> {
    const refused = await checkDeployment(this.#client, this.#dagId, expectedHash, call);
    if (refused !== undefined) return { kind: 'rejected', fault: refused };
    const runId = runIdOf(request.key);
    const answer = await this.#client.send(
      {
        method: 'POST',
        path: apiPath('dags', this.#dagId, 'dagRuns'),
        json: { dag_run_id: runId, logical_date: null, conf: { floe: request } },
      },
      runAnswer,
      call,
    );
    if (answer.ok) return { kind: 'submitted', run: this.reference(runId) };
    if (answer.failure.status === 409) return this.#adopt(request.key, answer.failure, call);
    if (answer.failure.status === 404)
      return { kind: 'rejected', fault: await this.#vanishedDag(answer.failure, call) };
    return { kind: answer.failure.nothingHappened === true ? 'rejected' : 'unknown', fault: answer.failure };
  }

  async find(key: string, call: CallOptions): Promise<Outcome<RunReference | undefined, BackendFault>> {
    const run = await readRun(this.#client, this.#name(runIdOf(key)), call);
    if (!run.ok) return run;
    return success(run.value === undefined ? undefined : this.reference(run.value.dag_run_id));
  }

  /** The run with a key, else the one with this run id; RUN_NOT_FOUND when there is neither. */
  async locate(keyOrRunId: string, call: CallOptions): Promise<Outcome<RunReference, BackendFault>> {
    const byKey = await this.find(keyOrRunId, call);
    if (!byKey.ok) return byKey;
    if (byKey.value !== undefined) return success(byKey.value);
    const byId = await readRun(this.#client, this.#name(keyOrRunId), call);
    if (!byId.ok) return byId;
    return byId.value === undefined ? failure(runNotFound(keyOrRunId)) : success(this.reference(keyOrRunId));
  }

  async read(run: RunReference, cursor: string | null, call: CallOptions): Promise<Outcome<RunSnapshot, BackendFault>> {
    const before = parseRunCursor(cursor);
    const name = this.#name(run.runId);
    const found = await readRun(this.#client, name, call);
    if (!found.ok) return found;
    if (found.value === undefined) return failure(runNotFound(run.runId));
    if (found.value.state === 'queued') return this.#queued(found.value, cursor, call);
    const task = await readTask(this.#client, name, buildTaskId, call);
    if (!task.ok) return task;
    const build = task.value;
    const news = await readTaskLog(this.#client, name, taskTryOf(build), before.log, call);
    if (!news.ok) return news;
    const { items, position, hasMore } = news.value;
    const record = isTaskEnded(build) ? await readRecord(this.#client, name, call) : undefined;
    if (record?.ok === false) return record;
    const phase = phaseOf(found.value, build);
    const common = {
      ...(build?.start_date != null && { startedAt: build.start_date }),
      ...(found.value.end_date !== null && { finishedAt: found.value.end_date }),
      nodes: readNodeResults(items),
      hasMore,
      ...(record?.value !== undefined && { record: record.value }),
    };
    if (phase !== 'ended') {
      return success({ ...common, phase, cursor: writeRunCursor({ log: position, cancelledAt: null }) });
    }
    const end = await this.#endOf(found.value, build, record?.value === undefined, call);
    if (!end.ok) return end;
    const { ending, cause } = end.value;
    // Airflow calls a run failed at once when it is cancelled, and tells its process only afterwards.
    const wasAtWork = build?.start_date != null && build.state === 'failed';
    const cancelledAt = ending === 'cancelled' && wasAtWork ? (before.cancelledAt ?? this.#clock.now()) : null;
    const isEnding =
      cancelledAt !== null && record?.value === undefined && this.#clock.now() - cancelledAt < cancellationMs;
    return success({
      ...common,
      ...(isEnding ? { phase: 'cancelling' } : { phase, ending }),
      ...(cause !== undefined && !isEnding && { cause }),
      cursor: writeRunCursor({ log: position, cancelledAt }),
    });
  }

  async logs(run: RunReference, cursor: string | null, call: CallOptions): Promise<Outcome<LogPage, BackendFault>> {
    const name = this.#name(run.runId);
    const build = await readTask(this.#client, name, buildTaskId, call);
    if (!build.ok) return build;
    const news = await readTaskLog(this.#client, name, taskTryOf(build.value), parseLogCursor(cursor), call);
    if (!news.ok) return news;
    const { items, position, hasMore } = news.value;
    return success({ lines: readLogLines(items), cursor: writeLogCursor(position), hasMore });
  }

  async cancel(run: RunReference, force: boolean, call: CallOptions): Promise<Outcome<CancelOutcome, BackendFault>> {
    const name = this.#name(run.runId);
    const found = await readRun(this.#client, name, call);
    if (!found.ok) return found;
    if (found.value === undefined) return failure(runNotFound(run.runId));
    const isEnded = found.value.state === 'failed' || found.value.state === 'success';
    if (isEnded && !force) return success('already_ended');
    const path = apiPath('dags', name.dagId, 'dagRuns', name.runId);
    const answer = await this.#client.send({ method: 'PATCH', path, json: { state: 'failed' } }, runAnswer, call);
    if (!answer.ok) return answer;
    return force ? this.#failTasks(name, call) : success('accepted');
  }

  async diagnose(run: RunReference | undefined, phase: StuckPhase, call: CallOptions): Promise<Diagnosis> {
    const sources = { client: this.#client, clock: this.#clock, dagId: this.#dagId };
    return diagnose(await gatherFacts(sources, run?.runId, phase, call));
  }

  /** A run by its id, with the address of its page. */
  reference(runId: string): RunReference {
    return { runId, url: runUrl(this.#client.url, this.#dagId, runId) };
  }

  #name(runId: string): RunName {
    return { dagId: this.#dagId, runId };
  }

  /** 409 does not say what clashes: the run with our id is ours when it carries our key. */
  async #adopt(key: string, fault: AirflowFault, call: CallOptions): Promise<SubmitOutcome> {
    const found = await readRun(this.#client, this.#name(runIdOf(key)), call);
    if (!found.ok) return { kind: 'unknown', fault: found.failure };
    if (found.value !== undefined) return { kind: 'submitted', run: this.reference(found.value.dag_run_id) };
    return { kind: 'rejected', fault };
  }

  /** A DAG that was there a moment ago: its file broke, or left the folder. */
  async #vanishedDag(fault: AirflowFault, call: CallOptions): Promise<BackendFault> {
    return (await checkDeployment(this.#client, this.#dagId, null, call)) ?? fault;
  }

  async #queued(run: Run, cursor: string | null, call: CallOptions): Promise<Outcome<RunSnapshot, BackendFault>> {
    const others = await readRuns(this.#client, this.#dagId, { states: ['running'], limit: 2 }, call);
    const waits = others.ok && others.value.some(({ dag_run_id: id }) => id !== run.dag_run_id);
    return success({ phase: 'queued', waitingForOwnSlot: waits, nodes: [], cursor, hasMore: false });
  }

  async #endOf(
    run: Run,
    build: TaskInstance | undefined,
    needsCause: boolean,
    call: CallOptions,
  ): Promise<Outcome<ReturnType<typeof endOf>, BackendFault>> {
    const name = this.#name(run.dag_run_id);
    const isGreen = run.state === 'success';
    const events = isGreen ? success([]) : await readEventLogs(this.#client, name, call);
    if (!events.ok) return events;
    const log: LogItem[] = [];
    if (needsCause && !isGreen) {
      const whole = await readTaskLog(this.#client, name, taskTryOf(build), logBeginning, call);
      if (whole.ok) log.push(...whole.value.items);
    }
    return success(endOf({ run, build, events: events.value, log }));
  }

  /** The run is marked already; what still holds a task does so against Airflow's own word. */
  async #failTasks(name: RunName, call: CallOptions): Promise<Outcome<CancelOutcome, BackendFault>> {
    const tasks = await readTasksUnderWay(this.#client, name, call);
    if (!tasks.ok) return tasks;
    for (const { task_id: taskId } of tasks.value) {
      const path = apiPath('dags', name.dagId, 'dagRuns', name.runId, 'taskInstances', taskId);
      const answer = await this.#client.send({ method: 'PATCH', path, json: { new_state: 'failed' } }, anyAnswer, call);
      if (!answer.ok && answer.failure.status !== 409) return answer;
    }
    return success('accepted');
  }
}

function taskTryOf(build: TaskInstance | undefined): TaskTry {
  return {
    taskId: buildTaskId,
    tryNumber: build?.start_date == null ? 0 : build.try_number,
    ended: isTaskEnded(build),
  };
}

function runNotFound(runId: string): BackendFault {
  return {
    code: 'RUN_NOT_FOUND',
    message: `Airflow does not know the run ${runId}.`,
    resolution: 'It was deleted, or the address leads to another Airflow: check both.',
    retryable: false,
  };
}
