import type { Diagnosis } from '@floe/core/execution/job-result';
import { diagnosisOfFault, lateDiagnosis } from '@floe/core/execution/late-diagnosis';
import type { BackendFault, StuckPhase } from '@floe/core/execution/run-backend';
import type { Dag, Dependency, Health, Run, TaskInstance } from './airflow-answers.js';
import { buildTaskId } from './airflow-names.js';

/** What was found out about a run that does not go on. Absent parts could not be found out. */
export interface DiagnosisFacts {
  readonly phase: StuckPhase;
  readonly dagId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Why Airflow could not be asked. */
  readonly fault?: BackendFault;
  readonly health?: Health;
  readonly dag?: Dag;
  /** Why the deployment cannot be used. */
  readonly deployment?: BackendFault;
  readonly run?: Run;
  /** Other unfinished runs of the product. */
  readonly otherRuns?: readonly Run[];
  /** The task that runs dbt; null when the run has none. */
  readonly build?: TaskInstance | null;
  /** What Airflow says keeps `build` from starting. */
  readonly dependencies?: readonly Dependency[];
  /** Why the run ended, as far as Airflow tells. */
  readonly cause?: Diagnosis;
}

/** The likeliest reason, the surest first. Pure. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  if (facts.fault !== undefined) return diagnosisOfFault('airflow_unreachable', facts.fault);
  return findReason(facts) ?? fallback(facts);
}

function findReason(facts: DiagnosisFacts): Diagnosis | undefined {
  switch (facts.phase) {
    case 'submitting':
      return deploymentReason(facts) ?? databaseReason(facts);
    case 'queued':
      return databaseReason(facts) ?? schedulerReason(facts) ?? queueReason(facts) ?? deploymentReason(facts);
    case 'starting':
      return schedulerReason(facts) ?? dependencyReason(facts) ?? taskReason(facts) ?? deploymentReason(facts);
    default:
      return facts.cause ?? taskReason(facts) ?? schedulerReason(facts);
  }
}

function deploymentReason({ deployment }: DiagnosisFacts): Diagnosis | undefined {
  if (deployment === undefined) return undefined;
  const causes: Partial<Record<BackendFault['code'], string>> = {
    DEPLOYMENT_MISSING: 'dag_missing',
    DEPLOYMENT_NOT_LOADED: 'dag_broken',
    PLATFORM_REFUSED: 'dag_paused',
  };
  return diagnosisOfFault(causes[deployment.code] ?? 'deployment', deployment);
}

function databaseReason({ health }: DiagnosisFacts): Diagnosis | undefined {
  if (health === undefined || health.metadatabase.status === 'healthy') return undefined;
  return {
    cause: 'database_down',
    message: "Airflow's own database does not answer.",
    resolution: 'Look at the database and at the connection of Airflow to it.',
  };
}

function schedulerReason({ health, now }: DiagnosisFacts): Diagnosis | undefined {
  if (health === undefined || health.scheduler.status === 'healthy') return undefined;
  return {
    cause: 'scheduler_down',
    message: `Airflow's scheduler does not run, so that nothing is started: ${silence(health.scheduler.latest_scheduler_heartbeat, now)}.`,
    resolution: 'Start the scheduler (`airflow scheduler`, or its pod) and look into its log.',
  };
}

/** Reasons for a run that is not looked at. */
function queueReason({ dag, run, otherRuns = [], now }: DiagnosisFacts): Diagnosis | undefined {
  if (dag?.is_paused === true) {
    return {
      cause: 'dag_paused',
      message: `The DAG ${dag.dag_id} is paused in Airflow, so that its runs stay in the queue.`,
      resolution: 'Switch it on in Airflow, or deploy the product again.',
    };
  }
  const future = run?.run_after;
  if (future != null && Date.parse(future) > now + 1_000) {
    return {
      cause: 'future_run',
      message: `The run is planned for ${future}.`,
      resolution: 'Wait until then, or cancel it and start another one.',
    };
  }
  const other = otherRuns.find(({ state }) => state === 'running') ?? otherRuns[0];
  if (other !== undefined) {
    return {
      cause: 'waiting_for_own_slot',
      message: `Run ${other.dag_run_id} of the same product is under way (${other.state}); this one starts when it has ended.`,
      resolution: 'Wait, or cancel the other run.',
    };
  }
  return undefined;
}

interface DependencyRule {
  readonly pattern: RegExp;
  readonly cause: string;
  readonly resolution: string;
}

/** Reasons in Airflow's own words (`GET …/dependencies`). */
const dependencyRules: readonly DependencyRule[] = [
  {
    pattern: /non-existent pool/iu,
    cause: 'pool_missing',
    resolution: 'Make the pool in Airflow (Admin, Pools), then the run goes on by itself.',
  },
  {
    pattern: /pool slots|not scheduled.*pool|slots? .*pool/iu,
    cause: 'pool_full',
    resolution: 'Wait, or give the pool more slots in Airflow (Admin, Pools).',
  },
  {
    pattern: /maximum number of running tasks \(0\)/iu,
    cause: 'no_task_slots',
    resolution: 'Airflow allows no tasks for this DAG: deploy the product again.',
  },
  {
    pattern: /maximum number of running tasks|max_active_tasks/iu,
    cause: 'task_limit',
    resolution: 'Wait, or raise max_active_tasks.',
  },
  {
    pattern: /is in the future/iu,
    cause: 'future_logical_date',
    resolution: 'Cancel the run and start one without a logical date.',
  },
  {
    pattern: /paused/iu,
    cause: 'dag_paused',
    resolution: 'Switch the DAG on in Airflow, or deploy the product again.',
  },
  {
    pattern: /retry delay|not ready for retry/iu,
    cause: 'waiting_for_retry',
    resolution: 'Wait: the lost process is started again.',
  },
];

function dependencyReason({ dependencies = [] }: DiagnosisFacts): Diagnosis | undefined {
  for (const { pattern, cause, resolution } of dependencyRules) {
    const found = dependencies.find(({ name, reason }) => pattern.test(`${name}: ${reason}`));
    if (found !== undefined) return { cause, message: `Airflow says: ${found.reason}`, resolution };
  }
  return undefined;
}

function taskReason(facts: DiagnosisFacts): Diagnosis | undefined {
  const { build, run } = facts;
  if (build === undefined || run?.state === 'queued') return undefined;
  if (build === null) {
    return {
      cause: 'empty_dag',
      message: `The run has no task ${buildTaskId}.`,
      resolution: 'Deploy the product again, then run it again.',
    };
  }
  switch (build.state) {
    case 'scheduled':
      return {
        cause: 'no_free_slot',
        message: 'The task is ready, but Airflow gives it no place: too many tasks are at work in all DAGs.',
        resolution: 'Wait, or raise [core] parallelism and the slots of default_pool.',
      };
    case 'queued':
      return {
        cause: 'no_worker',
        message: `No worker takes the task from the queue ${build.queue ?? 'default'}.`,
        resolution: 'Look whether workers run for this queue, and whether their image and their quota let them start.',
      };
    case 'success':
      // Only tasks that show the nodes, and the verdict, are left.
      return run?.state === 'running' ? triggererReason(facts) : undefined;
    case 'deferred':
      return triggererReason(facts);
    case 'up_for_retry':
    case 'restarting':
      return {
        cause: 'waiting_for_retry',
        message: 'The process of the run was lost; Airflow starts it again.',
        resolution: 'Wait.',
      };
    case 'awaiting_input':
      return {
        cause: 'awaiting_input',
        message: 'The run waits for a person to answer in Airflow.',
        resolution: 'Answer there.',
      };
    case 'removed':
      return {
        cause: 'tasks_removed',
        message: 'The DAG was changed while the run was under way, and Airflow dropped tasks of it.',
        resolution: 'Run the product again; deploy while no run of it is under way.',
      };
    default:
      return undefined;
  }
}

function triggererReason({ health, now }: DiagnosisFacts): Diagnosis {
  const isHealthy = health?.triggerer?.status === 'healthy';
  const beat = health?.triggerer?.latest_triggerer_heartbeat ?? null;
  return isHealthy
    ? {
        cause: 'deferred',
        message: 'The task waits for an event in the triggerer.',
        resolution: "Look into the triggerer's log if it takes too long.",
      }
    : {
        cause: 'triggerer_down',
        message: `Airflow's triggerer does not run, so that waiting tasks never go on: ${silence(beat, now)}.`,
        resolution: 'Start the triggerer (`airflow triggerer`, or its pod) and look into its log.',
      };
}

function fallback({ phase, build, health, now }: DiagnosisFacts): Diagnosis {
  const state = build?.state;
  const said = state == null ? '' : ` Its task is ${state}.`;
  const beat = health === undefined ? '' : `; ${silence(health.scheduler.latest_scheduler_heartbeat, now)}`;
  switch (phase) {
    case 'submitting':
      return {
        cause: 'not_submitted',
        message: 'Airflow answers and has the DAG, but the run could not be submitted.',
        resolution: "Look into the API server's log.",
      };
    case 'queued':
      return {
        cause: 'not_dequeued',
        message: `Airflow's scheduler has not taken the run from the queue, and no limit explains it${beat}.`,
        resolution: "Look into the scheduler's log.",
      };
    case 'starting':
      if (state === 'running') {
        return { cause: 'just_started', message: 'The process of the run has just come up.', resolution: 'Wait.' };
      }
      return {
        cause: 'worker_not_started',
        message: `The process of the run has not come up.${said}`,
        resolution: 'Look at the executor and its workers for the reason.',
      };
    case 'running':
    case 'finishing':
    case 'cancelling':
      return lateDiagnosis(phase, { title: 'Airflow', said });
  }
}

/** `its last heartbeat was 90 s ago`, for a sentence about a part of Airflow. */
export function silence(heartbeat: string | null, now: number): string {
  if (heartbeat === null) return 'it has never sent a heartbeat';
  return `its last heartbeat was ${Math.max(0, Math.round((now - Date.parse(heartbeat)) / 1_000))} s ago`;
}
