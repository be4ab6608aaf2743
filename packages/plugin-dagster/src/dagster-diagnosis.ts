import type { Diagnosis } from '@floe/core/execution/job-result';
import { diagnosisOfFault, lateDiagnosis } from '@floe/core/execution/late-diagnosis';
import type { BackendFault, StuckPhase } from '@floe/core/execution/run-backend';
import type { InstanceHealth, RunFields } from './dagster-answers.js';
import { describeCause } from './dagster-errors.js';
import { faultOfLocation, type LocationState } from './dagster-locations.js';

/** What was found out about a run that does not go on. Absent parts could not be found out. */
export interface DiagnosisFacts {
  readonly phase: StuckPhase;
  readonly location: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Why Dagster could not be asked. */
  readonly fault?: BackendFault;
  readonly health?: InstanceHealth;
  readonly locationState?: LocationState;
  readonly run?: RunFields;
  /** Runs of the whole instance that take a place. */
  readonly inProgress?: readonly RunFields[];
  /** Unfinished runs of the product, apart from this one. */
  readonly ownRuns?: readonly RunFields[];
  /** Runs that hold the product's slot, and whether they are still under way. */
  readonly slotHolders?: readonly { readonly runId: string; readonly unfinished: boolean }[];
  /** What the event log says about the failure. */
  readonly cause?: Diagnosis;
  /** Last message of the launcher or the executor. */
  readonly lastEngineMessage?: string;
}

/** A daemon writes a heartbeat every 30 s; after two silent minutes it is dead, whatever `healthy` says for 30 minutes. */
const silentSeconds = 60;

/** The likeliest reason, the surest first. Pure. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  if (facts.fault !== undefined) return diagnosisOfFault('dagster_unreachable', facts.fault);
  const found =
    facts.phase === 'submitting'
      ? locationDiagnosis(facts)
      : facts.phase === 'queued'
        ? (daemonDiagnosis(facts) ?? locationDiagnosis(facts) ?? queueDiagnosis(facts))
        : (facts.cause ?? (facts.phase === 'starting' ? locationDiagnosis(facts) : undefined));
  return found ?? fallback(facts);
}

/** Required daemons without a recent heartbeat. */
export function silentDaemons(
  health: InstanceHealth,
  now: number,
  tolerance: number,
): { type: string; age: number | null }[] {
  return health.instance.daemonHealth.allDaemonStatuses
    .filter((daemon) => daemon.required)
    .map(({ daemonType, lastHeartbeatTime }) => ({
      type: daemonType,
      age: lastHeartbeatTime === null ? null : Math.max(0, now / 1_000 - lastHeartbeatTime),
    }))
    .filter(({ age }) => age === null || age > tolerance);
}

/** `its last heartbeat was 90 s ago`, for a sentence about a daemon. */
export function describeSilence(age: number | null): string {
  return age === null ? 'it has never sent a heartbeat' : `its last heartbeat was ${Math.round(age)} s ago`;
}

const startDaemon = 'Start the daemon (`dagster-daemon run`, or the pod of the daemon) and look into its log.';

function daemonDiagnosis({ health, now }: DiagnosisFacts): Diagnosis | undefined {
  if (health === undefined) return undefined;
  const daemons = health.instance.daemonHealth.allDaemonStatuses;
  const coordinator = silentDaemons(health, now, silentSeconds).find(({ type }) => type === 'QUEUED_RUN_COORDINATOR');
  if (coordinator !== undefined) {
    return {
      cause: 'daemon_down',
      message: `Dagster's daemon does not run, so nothing takes runs from the queue: ${describeSilence(coordinator.age)}.`,
      resolution: startDaemon,
    };
  }
  const error = daemons.find(({ daemonType }) => daemonType === 'QUEUED_RUN_COORDINATOR')?.lastHeartbeatErrors[0];
  if (error === undefined) return undefined;
  return {
    cause: 'daemon_failing',
    message: `Dagster's daemon fails while it takes runs from the queue: ${describeCause(error)}`,
    resolution: "Look into the daemon's log and mend what it says.",
  };
}

function locationDiagnosis({ locationState, location }: DiagnosisFacts): Diagnosis | undefined {
  if (locationState === undefined) return undefined;
  const fault = faultOfLocation(locationState, location);
  return fault === undefined ? undefined : diagnosisOfFault(`location_${locationState.kind}`, fault);
}

function queueDiagnosis(facts: DiagnosisFacts): Diagnosis | undefined {
  const { health, inProgress = [], ownRuns = [], slotHolders = [], run } = facts;
  const stuck = slotHolders.find((holder) => !holder.unfinished);
  if (stuck !== undefined) {
    return {
      cause: 'slot_stuck',
      message: `Run ${stuck.runId} has ended but still holds the product's slot.`,
      resolution:
        'Free the slots of the run in Dagster (Deployment, Concurrency), and set run_monitoring.free_slots_after_run_end_seconds.',
    };
  }
  const own = ownRuns[0];
  if (own !== undefined) {
    return {
      cause: 'waiting_for_own_slot',
      message: `Run ${own.runId} of the same product is under way (${own.status.toLowerCase()}); this one starts when it has ended.`,
      resolution: 'Wait, or cancel the other run.',
    };
  }
  const queue = health?.instance.runQueueConfig;
  const most = queue?.maxConcurrentRuns ?? -1;
  if (most >= 0 && inProgress.length >= most) {
    return {
      cause: 'queue_full',
      message: `Dagster runs ${inProgress.length} runs already, and no more than ${most} at once.`,
      resolution: 'Wait, or raise concurrency.runs.max_concurrent_runs in dagster.yaml.',
    };
  }
  const limit = matchingTagLimit(queue?.tagConcurrencyLimitsYaml ?? null, run);
  if (limit === undefined) return undefined;
  return {
    cause: 'tag_limit',
    message: `A limit on runs with the tag ${limit} keeps this run in the queue.`,
    resolution: 'Wait, or raise concurrency.runs.tag_concurrency_limits in dagster.yaml.',
  };
}

/** Dagster tells its tag limits as YAML of a fixed form: a list of maps with `key`, `limit` and perhaps `value`. */
function matchingTagLimit(yaml: string | null, run: RunFields | undefined): string | undefined {
  if (yaml === null || run === undefined) return undefined;
  for (const entry of yaml.split(/^- /mu)) {
    const key = /^\s*key: (.+)$/mu.exec(entry)?.[1]?.trim();
    const value = /^\s*value: (.+)$/mu.exec(entry)?.[1]?.trim();
    const tag = run.tags.find((candidate) => candidate.key === key);
    if (tag !== undefined && (value === undefined || value.startsWith('apply') || value === tag.value)) {
      return `${tag.key}=${tag.value}`;
    }
  }
  return undefined;
}

function fallback(facts: DiagnosisFacts): Diagnosis {
  const said =
    facts.lastEngineMessage === undefined ? '' : ` The last that Dagster says is: ${facts.lastEngineMessage}`;
  switch (facts.phase) {
    case 'submitting':
      return {
        cause: 'not_submitted',
        message: 'Dagster answers and its code location is loaded, but the run could not be submitted.',
        resolution: "Look into the webserver's log.",
      };
    case 'queued': {
      const age = coordinatorAge(facts);
      return {
        cause: 'not_dequeued',
        message: `Dagster's daemon has not taken the run from the queue, and no limit explains it${age === undefined ? '' : `; ${describeSilence(age)}`}.`,
        resolution: startDaemon,
      };
    }
    case 'starting':
      return {
        cause: 'worker_not_started',
        message: `The process of the run has not come up.${said}`,
        resolution: 'Look at the code server (or at the job of the run in Kubernetes) for the reason.',
      };
    case 'running':
    case 'finishing':
    case 'cancelling':
      return lateDiagnosis(facts.phase, { title: 'Dagster', said });
  }
}

function coordinatorAge({ health, now }: DiagnosisFacts): number | undefined {
  const time = health?.instance.daemonHealth.allDaemonStatuses.find(
    ({ daemonType }) => daemonType === 'QUEUED_RUN_COORDINATOR',
  )?.lastHeartbeatTime;
  return time == null ? undefined : Math.max(0, now / 1_000 - time);
}
