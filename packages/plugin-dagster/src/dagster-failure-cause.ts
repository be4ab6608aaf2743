import type { Diagnosis } from '@floe/core/execution/job-result';
import type { DagsterEvent } from './dagster-answers.js';
import { cleanMessage, describeCause, rootCause } from './dagster-errors.js';

/** What a single event says about the end of a run. */
export interface FailureCause {
  readonly kind: 'timed_out' | 'lost' | 'failed';
  /** Absent when the record of the run says it better. */
  readonly diagnosis?: Diagnosis;
}

interface Rule {
  readonly pattern: RegExp;
  readonly kind: FailureCause['kind'];
  readonly cause: string;
  readonly resolution: string;
}

/** Messages of Dagster 1.13 in RunFailureEvent, EngineEvent and RunCancelingEvent. */
const rules: readonly Rule[] = [
  {
    pattern: /exceed(?:ed|ing) maximum runtime/iu,
    kind: 'timed_out',
    cause: 'dagster_time_limit',
    resolution: "Find what takes so long in the run's log, or raise the timeout.",
  },
  {
    pattern: /taking longer than \d+ seconds to start|timed out .*to start/iu,
    kind: 'lost',
    cause: 'start_timeout',
    resolution:
      'See in the log of the code server or of the pod why the process of the run does not come up; raise run_monitoring.start_timeout_seconds if it is only slow.',
  },
  {
    pattern:
      /unexpectedly (?:exited|terminated|crashed)|terminated (?:unexpectedly|by signal)|worker.*(?:unhealthy|not found|failed)/iu,
    kind: 'lost',
    cause: 'worker_lost',
    resolution: 'Look for a killed process or a lack of memory where the run was, then run again.',
  },
  {
    pattern: /(?:ErrImagePull|ImagePullBackOff|pull image)/u,
    kind: 'lost',
    cause: 'image_not_pulled',
    resolution: 'Check the image reference of the code location and its pull secret.',
  },
  {
    pattern: /(?:is forbidden: User|Forbidden\b.*\bjobs\b)/u,
    kind: 'lost',
    cause: 'launcher_forbidden',
    resolution: "Give Dagster's service account the right to create jobs and pods in the namespace of the runs.",
  },
];

const failures: ReadonlySet<string> = new Set([
  'RunFailureEvent',
  'EngineEvent',
  'RunCancelingEvent',
  'ExecutionStepFailureEvent',
  'ResourceInitFailureEvent',
]);

/** Why a run ends, if this event says so. */
export function causeOfEvent(event: DagsterEvent): FailureCause | undefined {
  if (!failures.has(event.__typename)) return undefined;
  const message = cleanMessage(event.message);
  const text = event.error == null ? message : `${message} ${describeCause(event.error)}`;
  const rule = rules.find(({ pattern }) => pattern.test(text));
  if (rule !== undefined) {
    const { kind, cause, resolution } = rule;
    // Dagster's own guesses at the reason are longer than the fact, and often beside the point.
    const [fact = text] = text.split(' This usually indicates');
    return { kind, diagnosis: { cause, message: fact.trim(), resolution } };
  }
  if (event.error == null || event.__typename === 'EngineEvent') return undefined;
  const { className } = rootCause(event.error);
  // The loader's own failures come with a record; an interruption is the effect of a cancellation.
  if (className === 'Failure' || className === 'DagsterExecutionInterruptedError') return undefined;
  return {
    kind: 'failed',
    diagnosis: {
      cause: 'loader_failed',
      message: describeCause(event.error),
      resolution: "Look into the run's log in Dagster, mend what it says and deploy the product again.",
    },
  };
}
