import type { Diagnosis } from '@floe/core/execution/job-result';
import { diagnosisOfFault, lateDiagnosis } from '@floe/core/execution/late-diagnosis';
import type { BackendFault, StuckPhase } from '@floe/core/execution/run-backend';
import type { Deployment, FlowRun, Worker, WorkPool, WorkQueue } from './prefect-answers.js';
import { awaitsSlot } from './prefect-run-state.js';

/** What was found out about a run that does not go on. Absent parts could not be found out; null is "there is none". */
export interface DiagnosisFacts {
  readonly phase: StuckPhase;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds without a heartbeat after which a worker counts as dead. */
  readonly tolerance: number;
  readonly workPool: string;
  /** Why Prefect could not be asked. */
  readonly fault?: BackendFault;
  readonly deployment?: Deployment | null;
  readonly run?: FlowRun;
  readonly pool?: WorkPool | null;
  readonly queue?: WorkQueue | null;
  readonly workers?: readonly Worker[];
  /** Runs of the product that are at work, apart from this one. */
  readonly ownRuns?: readonly FlowRun[];
  /** What the end and the ERROR lines of the log say. */
  readonly cause?: Diagnosis;
  /** Last line of the run's log. */
  readonly lastLine?: string;
}

/** The likeliest reason, the surest first. Pure. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  if (facts.fault !== undefined) return diagnosisOfFault('prefect_unreachable', facts.fault);
  return byPhase(facts) ?? fallback(facts);
}

function byPhase(facts: DiagnosisFacts): Diagnosis | undefined {
  switch (facts.phase) {
    case 'submitting':
      return deploymentDiagnosis(facts) ?? poolDiagnosis(facts);
    case 'queued':
      return (
        deploymentDiagnosis(facts) ??
        strandedDiagnosis(facts) ??
        slotDiagnosis(facts) ??
        poolDiagnosis(facts) ??
        queueDiagnosis(facts) ??
        workerDiagnosis(facts) ??
        placeDiagnosis(facts) ??
        laterDiagnosis(facts)
      );
    case 'starting':
      return facts.cause ?? workerDiagnosis(facts);
    case 'running':
    case 'cancelling':
      return facts.cause ?? lostDiagnosis(facts);
    case 'finishing':
      return facts.cause;
  }
}

function deploymentDiagnosis({ deployment }: DiagnosisFacts): Diagnosis | undefined {
  if (deployment !== null) return undefined;
  return {
    cause: 'deployment_missing',
    message: 'Prefect does not have the deployment of the product.',
    resolution: 'Deploy the product (`floe deploy`).',
  };
}

/** A run without a pool is never looked for by any worker. */
function strandedDiagnosis({ run }: DiagnosisFacts): Diagnosis | undefined {
  if (run?.work_pool_name !== null || run.deployment_id === null) return undefined;
  return {
    cause: 'no_work_pool',
    message: 'The run belongs to no work pool, so that no worker looks for it.',
    resolution: 'Deploy the product again (`floe deploy`), cancel this run and start another one.',
  };
}

function slotDiagnosis({ run, ownRuns, deployment }: DiagnosisFacts): Diagnosis | undefined {
  if (run === undefined || !awaitsSlot(run)) return undefined;
  const other = ownRuns?.[0];
  if (other !== undefined) {
    return {
      cause: 'waiting_for_own_slot',
      message: `Run ${other.id} of the same product is under way (${(other.state_name ?? 'unknown').toLowerCase()}); this one starts when it has ended.`,
      resolution: 'Wait, or cancel the other run.',
    };
  }
  if (ownRuns === undefined) return undefined;
  const limit = deployment?.global_concurrency_limit;
  if (limit?.limit === 0) {
    return {
      cause: 'limit_zero',
      message: 'The concurrency limit of the deployment is 0, so that no run begins.',
      resolution: 'Deploy the product again (`floe deploy`), which sets it to 1.',
    };
  }
  return {
    cause: 'slot_stuck',
    message: 'No run of the product is under way, but its only slot is taken: a run that was lost still holds it.',
    resolution: `Prefect frees it when its lease ends (5 minutes); or reset the concurrency limit${limit == null ? '' : ` "${limit.name}"`} in Prefect.`,
  };
}

function poolDiagnosis({ pool, workPool }: DiagnosisFacts): Diagnosis | undefined {
  if (pool === null) {
    return {
      cause: 'pool_missing',
      message: `Prefect has no work pool "${workPool}".`,
      resolution: 'Deploy the product (`floe deploy`), which makes it, and start a worker for it.',
    };
  }
  if (pool?.is_paused !== true) return undefined;
  return {
    cause: 'pool_paused',
    message: `The work pool "${pool.name}" is paused, so that its workers take no runs.`,
    resolution: `Resume it (\`prefect work-pool resume "${pool.name}"\`).`,
  };
}

function queueDiagnosis({ queue, run, now, tolerance, workers }: DiagnosisFacts): Diagnosis | undefined {
  const name = run?.work_queue_name ?? 'default';
  if (queue === null) {
    return {
      cause: 'queue_missing',
      message: `The work queue "${name}" does not exist.`,
      resolution: 'Set work_queue in plugins.orchestrator.config to a queue of the pool, and deploy again.',
    };
  }
  if (queue === undefined) return undefined;
  if (queue.is_paused) {
    return {
      cause: 'queue_paused',
      message: `The work queue "${queue.name}" is paused.`,
      resolution: 'Resume it in Prefect.',
    };
  }
  const polled = ageOf(queue.last_polled, now);
  const alive = (workers ?? []).filter((worker) => isAlive(worker, now, tolerance));
  if (alive.length === 0 || (polled !== null && polled <= tolerance)) return undefined;
  return {
    cause: 'wrong_queue',
    message: `Workers are alive, but none of them looks into the work queue "${queue.name}" (${polled === null ? 'it was never looked into' : `last ${Math.round(polled)} s ago`}).`,
    resolution: `Start a worker with --work-queue ${queue.name}, or set another work_queue in plugins.orchestrator.config.`,
  };
}

function workerDiagnosis({ workers, workPool, now, tolerance }: DiagnosisFacts): Diagnosis | undefined {
  if (workers?.some((worker) => isAlive(worker, now, tolerance)) !== false) return undefined;
  const start = `Start one: prefect worker start --pool ${workPool}`;
  const [newest] = workers.toSorted((one, other) => time(other.last_heartbeat_time) - time(one.last_heartbeat_time));
  if (newest === undefined) {
    return {
      cause: 'no_worker',
      message: `The work pool "${workPool}" has never had a worker.`,
      resolution: `${start}.`,
    };
  }
  return {
    cause: 'worker_dead',
    message: `No worker of the work pool "${workPool}" is alive: the last one, ${newest.name}, ${describeSilence(ageOf(newest.last_heartbeat_time, now))}.`,
    resolution: `${start}, and look into the log of ${newest.name}.`,
  };
}

function placeDiagnosis({ pool, queue }: DiagnosisFacts): Diagnosis | undefined {
  const { concurrency_limit: limit = null, active_slots: active = null } = pool ?? {};
  if (pool != null && limit !== null && active !== null && active >= limit) {
    return {
      cause: 'pool_full',
      message: `The work pool "${pool.name}" runs ${active} runs already, and no more than ${limit} at once.`,
      resolution: 'Wait, or raise the concurrency limit of the pool.',
    };
  }
  if (queue?.concurrency_limit !== 0) return undefined;
  return {
    cause: 'queue_closed',
    message: `The work queue "${queue.name}" has a concurrency limit of 0.`,
    resolution: 'Raise it in Prefect.',
  };
}

function laterDiagnosis({ run, now }: DiagnosisFacts): Diagnosis | undefined {
  const planned = run?.next_scheduled_start_time ?? run?.expected_start_time ?? null;
  if (planned === null || time(planned) <= now + laterMs) return undefined;
  return {
    cause: 'scheduled_later',
    message: `The run is planned for ${planned}.`,
    resolution: 'Wait, or start another run now.',
  };
}

/** Workers look ahead by some seconds; what is farther away is a plan. */
const laterMs = 60_000;

/** A run at work whose worker is gone: its process may be, too. */
function lostDiagnosis(facts: DiagnosisFacts): Diagnosis | undefined {
  const worker = workerDiagnosis(facts);
  if (worker === undefined) return undefined;
  return {
    cause: facts.phase === 'cancelling' ? 'cancel_stuck' : 'worker_lost',
    message:
      facts.phase === 'cancelling'
        ? `Nobody ends the run: ${lowerFirst(worker.message)}`
        : `The worker of the run is gone: ${lowerFirst(worker.message)}`,
    resolution: worker.resolution,
  };
}

function fallback({ phase, lastLine }: DiagnosisFacts): Diagnosis {
  const said = lastLine === undefined ? '' : ` The last that its log says is: ${lastLine}`;
  switch (phase) {
    case 'submitting':
      return {
        cause: 'not_submitted',
        message: 'Prefect answers and has the deployment, but the run could not be submitted.',
        resolution: "Look into the server's log.",
      };
    case 'queued':
      return {
        cause: 'not_picked_up',
        message: 'Workers are alive, but none has taken the run, and no limit explains it.',
        resolution: 'Look into the log of the workers.',
      };
    case 'starting':
      return {
        cause: 'process_not_started',
        message: `A worker has taken the run, but its process has not come up.${said}`,
        resolution: 'Look into the log of the worker (or at the job of the run in Kubernetes) for the reason.',
      };
    case 'running':
    case 'finishing':
    case 'cancelling':
      return lateDiagnosis(phase, { title: 'Prefect', said });
  }
}

/** True when a worker has given a sign of life; Prefect's own word for it may be a minute and a half old. */
export function isAlive(worker: Worker, now: number, tolerance: number): boolean {
  const age = ageOf(worker.last_heartbeat_time, now);
  return age !== null && age <= Math.max(tolerance, (worker.heartbeat_interval_seconds ?? 0) * 2);
}

/** `sent its last heartbeat 90 s ago`, for a sentence about a worker. */
export function describeSilence(age: number | null): string {
  return age === null ? 'has never sent a heartbeat' : `sent its last heartbeat ${Math.round(age)} s ago`;
}

/** Seconds since a time. */
export function ageOf(text: string | null, now: number): number | null {
  return text === null ? null : Math.max(0, (now - time(text)) / 1_000);
}

function time(text: string | null): number {
  return text === null ? 0 : Date.parse(text);
}

function lowerFirst(text: string): string {
  return text.startsWith('No ') ? `n${text.slice(1)}` : text;
}
