import type { Diagnosis } from '@floe/core/execution/job-result';
import type { StuckPhase } from '@floe/core/execution/run-backend';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { workersAnswer, workQueueSchema, type FlowRun, type PrefectLog, type WorkQueue } from './prefect-answers.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import { readDeployment, readWorkPool } from './prefect-deployed-state.js';
import type { DiagnosisFacts } from './prefect-diagnosis.js';
import { causeOf } from './prefect-failure-cause.js';
import { readLogPage, toLogLines } from './prefect-run-events.js';
import { activeStates, phaseOf } from './prefect-run-state.js';
import { readRun, readRuns } from './prefect-runs.js';

/** Whom to ask, and about what. */
export interface FactSources {
  readonly client: PrefectClient;
  readonly clock: Clock;
  readonly flow: string;
  readonly deployment: string;
  readonly workPool: string;
  /** Seconds. */
  readonly heartbeatTolerance: number;
}

const errorLevel = 40;
const infoLevel = 20;

/** Asks Prefect everything that may explain why a run does not go on. */
export async function gatherFacts(
  sources: FactSources,
  runId: string | undefined,
  phase: StuckPhase,
  call: CallOptions,
): Promise<DiagnosisFacts> {
  const { client, clock } = sources;
  const [deployment, run] = await Promise.all([
    readDeployment(client, sources.flow, sources.deployment, call),
    runId === undefined ? undefined : readRun(client, runId, call),
  ]);
  const known = run?.ok === true ? run.value : undefined;
  const workPool = known?.work_pool_name ?? sources.workPool;
  const path = `/work_pools/${encodeURIComponent(workPool)}`;
  const [pool, workers, queue, ownRuns, errors, lines] = await Promise.all([
    readWorkPool(client, workPool, call),
    client.ask({ method: 'POST', path: `${path}/workers/filter`, json: {} }, workersAnswer, call),
    readQueue(client, path, known?.work_queue_name ?? 'default', call),
    deployment.ok && deployment.value !== undefined
      ? readRuns(client, { deploymentIds: [deployment.value.id], stateTypes: activeStates }, 20, call)
      : undefined,
    runId === undefined ? undefined : readErrors(client, runId, call),
    runId === undefined ? undefined : readLogPage(client, { runId, level: infoLevel }, 0, call),
  ]);
  const cause = known === undefined ? undefined : causeAtEnd(known, errors ?? []);
  const lastLog = lines?.ok === true ? lines.value.at(-1) : undefined;
  const lastLine = lastLog === undefined ? undefined : toLogLines(lastLog).at(-1)?.text;
  return {
    phase,
    now: clock.now(),
    tolerance: sources.heartbeatTolerance,
    workPool,
    ...(!deployment.ok && !pool.ok && { fault: deployment.failure }),
    ...(deployment.ok && { deployment: deployment.value ?? null }),
    ...(known !== undefined && { run: known }),
    ...(pool.ok && { pool: pool.value ?? null }),
    ...(queue.ok && { queue: queue.value }),
    ...(workers.ok && { workers: workers.value }),
    ...(ownRuns?.ok === true && { ownRuns: ownRuns.value.filter(({ id }) => id !== runId) }),
    ...(cause !== undefined && { cause }),
    ...(lastLine !== undefined && { lastLine }),
  };
}

async function readQueue(
  client: PrefectClient,
  poolPath: string,
  name: string,
  call: CallOptions,
): Promise<Answer<WorkQueue | null>> {
  const path = `${poolPath}/queues/${encodeURIComponent(name)}`;
  const answer = await client.ask({ method: 'GET', path }, workQueueSchema, call);
  return !answer.ok && answer.failure.status === 404 ? { ok: true, value: null } : answer;
}

/** The first ERROR lines of a run's log: of a crash, Prefect's state says no more than a status. */
export async function readErrors(
  client: PrefectClient,
  runId: string,
  call: CallOptions,
): Promise<readonly PrefectLog[]> {
  const page = await readLogPage(client, { runId, level: errorLevel }, 0, call);
  return page.ok ? page.value : [];
}

function causeAtEnd(run: FlowRun, errors: readonly PrefectLog[]): Diagnosis | undefined {
  return phaseOf(run) === 'ended' ? causeOf(run, errors)?.diagnosis : undefined;
}
