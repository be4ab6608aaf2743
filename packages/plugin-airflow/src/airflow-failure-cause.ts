import type { Diagnosis, RunStatus } from '@floe/core/execution/job-result';
import type { EventLog, LogItem, Run, TaskInstance } from './airflow-answers.js';
import { describeException, withoutPaths } from './airflow-errors.js';
import { buildTaskId } from './airflow-names.js';

/** Everything that Airflow tells about a run that has ended. */
export interface EndFacts {
  readonly run: Run;
  /** The task that runs dbt; absent when the run has none. */
  readonly build: TaskInstance | undefined;
  /** Newest first; empty when the account may not see them. */
  readonly events: readonly EventLog[];
  /** The log of the last try of `build`. */
  readonly log: readonly LogItem[];
}

/** How a run ended by Airflow's word, and why when that lies outside of any node. */
export interface RunEnd {
  readonly ending: RunStatus;
  readonly cause?: Diagnosis;
}

/** Reads the end of a run. Pure; a record of the run, where there is one, knows better. */
export function endOf(facts: EndFacts): RunEnd {
  const { run, build } = facts;
  if (run.state === 'success') {
    const cause = missingWork(run, build);
    return { ending: 'succeeded', ...(cause !== undefined && { cause }) };
  }
  const cancellation = cancelledBy(facts.events);
  if (cancellation !== undefined) return { ending: 'cancelled', cause: cancellation };
  if (isTimedOut(facts)) return { ending: 'timed_out', cause: timeLimit };
  return lostOrFailed(facts);
}

/** A run can be green at Airflow although its work was never done. */
function missingWork(run: Run, build: TaskInstance | undefined): Diagnosis | undefined {
  if (build?.state === 'success') return undefined;
  if (build === undefined) {
    return {
      cause: 'empty_dag',
      message: `Airflow calls the run ${run.dag_run_id} successful, but it has no task ${buildTaskId}.`,
      resolution: 'Deploy the product again (`floe deploy`), then run it again.',
    };
  }
  if (build.state === 'removed' || run.dag_versions.length > 1) {
    return {
      cause: 'tasks_removed',
      message: 'The DAG was changed while the run was under way, and Airflow dropped tasks of it.',
      resolution: 'Run the product again; deploy while no run of it is under way.',
    };
  }
  return {
    cause: 'work_skipped',
    message: `Airflow calls the run successful, but the task ${buildTaskId} is ${build.state ?? 'without a state'}.`,
    resolution: 'Somebody changed the state by hand: run the product again.',
  };
}

const endedByPerson = /^(?:patch_dag_run|patch_task_instance|bulk_task_instances|delete_dag_run)$/u;

function cancelledBy(events: readonly EventLog[]): Diagnosis | undefined {
  const event = events.find(
    (candidate) => endedByPerson.test(candidate.event) && !/running|queued/u.test(candidate.extra ?? ''),
  );
  if (event === undefined) return undefined;
  return {
    cause: 'cancelled_at_airflow',
    message: `${event.owner ?? 'Somebody'} ended the run at Airflow.`,
    resolution: 'Start it again when the reason for the cancellation is gone.',
  };
}

const timeLimit: Diagnosis = {
  cause: 'airflow_time_limit',
  message: "Airflow's own time limit ended the run.",
  resolution: "Find what takes so long in the run's log, or raise the timeout.",
};

function isTimedOut({ run, build, log }: EndFacts): boolean {
  // dagrun_timeout: the run fails and everything that was not done is skipped, also what was at work.
  if (run.state === 'failed' && build?.state === 'skipped') return true;
  return log.some(({ error_detail: errors }) => errors.some(({ exc_type: type }) => type === 'AirflowTaskTimeout'));
}

interface Rule {
  readonly pattern: RegExp;
  readonly ending: RunStatus;
  readonly cause: string;
  readonly message: string;
  readonly resolution: string;
}

const memory = 'Give the worker more memory, or run fewer threads, then run again.';

/** Words of Airflow 3 in its log of events and in logs of tasks. */
const rules: readonly Rule[] = [
  {
    // three ways in which Airflow writes that the kernel has killed a process
    pattern: /terminated by signal.*(?:memory|OOM)|\bexit[_ ]code[=: ]*-9\b|SIGKILL/iu,
    ending: 'lost',
    cause: 'worker_killed',
    message: 'The process of the run was killed, most likely for want of memory.',
    resolution: memory,
  },
  {
    pattern: /heartbeat timeout/iu,
    ending: 'lost',
    cause: 'heartbeat_timeout',
    message: 'The worker of the run sent no heartbeat any more, and Airflow gave it up.',
    resolution: 'Look for a worker that was restarted, killed or cut off from the network, then run again.',
  },
  {
    pattern: /stuck in queued/iu,
    ending: 'lost',
    cause: 'stuck_in_queued',
    message: 'No worker took the task of the run from the queue, and Airflow gave it up.',
    resolution: 'Look whether workers run for its queue, and whether their image and their quota let them start.',
  },
  {
    pattern: /state mismatch|finished with state (?:failed|success), but/iu,
    ending: 'lost',
    cause: 'worker_lost',
    message: 'The process of the run ended without telling Airflow.',
    resolution: 'Look for a killed process or a lack of memory where the worker was, then run again.',
  },
  {
    pattern: /(?:Dag|Task) not found during start ?up|Dag ".*" could not be found/iu,
    ending: 'failed',
    cause: 'worker_differs',
    message: 'The worker does not find the DAG that the scheduler knows.',
    resolution: "Give workers the same DAGs folder, or the same image, as Airflow's DAG processor has.",
  },
  {
    pattern: /Invalid auth token|Signature verification failed/iu,
    ending: 'lost',
    cause: 'token_secret_differs',
    message: "Airflow's API server does not accept the tokens of its own tasks.",
    resolution: 'Give all parts of Airflow one [api_auth] jwt_secret and restart them.',
  },
];

function lostOrFailed({ build, events, log }: EndFacts): RunEnd {
  const words = [
    ...events.map(({ event, extra }) => `${event} ${extra ?? ''}`),
    ...log.filter(({ level }) => level === 'critical' || level === 'error').map(({ event }) => event),
  ];
  const rule = rules.find(({ pattern }) => words.some((text) => pattern.test(text)));
  if (rule !== undefined) {
    const { ending, cause, message, resolution } = rule;
    return { ending, cause: { cause, message, resolution } };
  }
  const error = log.flatMap(({ error_detail: errors }) => errors).at(0);
  if (build?.state === 'failed' && error !== undefined) {
    return {
      ending: 'failed',
      cause: {
        cause: 'loader_failed',
        message: withoutPaths(firstLine(describeException(error))),
        resolution: "Look into the run's log in Airflow, mend what it says and run again.",
      },
    };
  }
  if (build?.state === 'failed' && log.length === 0) {
    return {
      ending: 'lost',
      cause: {
        cause: 'died_before_start',
        message: 'The task of the run failed before it wrote a line: its worker did not come up.',
        resolution: 'Look at the image, the quota and the log of the worker.',
      },
    };
  }
  return { ending: build?.state === 'success' ? 'failed' : 'lost' };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
