import type { BackendFault, StuckPhase } from '@floe/core/execution/run-backend';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { instanceHealthAnswer, poolLimitAnswer, runLogsAnswer, type DagsterEvent } from './dagster-answers.js';
import type { DagsterClient } from './dagster-client.js';
import type { DiagnosisFacts } from './dagster-diagnosis.js';
import { cleanMessage } from './dagster-errors.js';
import { locationState, readWorkspace } from './dagster-locations.js';
import { readRunEvents } from './dagster-run-events.js';
import { inProgressStatuses, unfinishedStatuses } from './dagster-run-state.js';
import { floeTags } from './dagster-run-tags.js';
import { readRuns } from './dagster-runs.js';
import {
  InstanceHealthDocument,
  PoolLimitDocument,
  RunLogsDocument,
  type RunLogsQueryVariables,
} from './generated/graphql.js';

/** Whom to ask, and about what. */
export interface FactSources {
  readonly client: DagsterClient;
  readonly clock: Clock;
  readonly location: string;
  readonly product: string;
  readonly pool: string;
}

/** Asks Dagster everything that may explain why a run does not go on; the questions go out together. */
export async function gatherFacts(
  sources: FactSources,
  runId: string | undefined,
  phase: StuckPhase,
  call: CallOptions,
): Promise<DiagnosisFacts> {
  const { client, location, product, pool, clock } = sources;
  const productTag = [{ key: floeTags.product, value: product }];
  const [health, workspace, runs, inProgress, ownRuns, slot, log] = await Promise.all([
    client.execute(InstanceHealthDocument, {}, instanceHealthAnswer, call),
    readWorkspace(client, call),
    runId === undefined ? undefined : readRuns(client, { runIds: [runId] }, 1, call),
    readRuns(client, { statuses: [...inProgressStatuses] }, 100, call),
    readRuns(client, { tags: productTag, statuses: [...unfinishedStatuses] }, 20, call),
    client.execute(PoolLimitDocument, { pool }, poolLimitAnswer, call),
    runId === undefined ? undefined : readWholeLog(client, runId, call),
  ]);
  const faults: BackendFault[] = [];
  for (const answer of [health, workspace, inProgress]) if (!answer.ok) faults.push(answer.failure);
  const run = runs?.ok === true ? runs.value[0] : undefined;
  const others = ownRuns.ok ? ownRuns.value.filter((other) => other.runId !== runId) : [];
  const unfinished = new Set(ownRuns.ok ? ownRuns.value.map((other) => other.runId) : []);
  const cause = log === undefined ? undefined : readRunEvents(log).cause;
  const lastEngineMessage = log?.findLast(
    ({ __typename, message }) => __typename === 'EngineEvent' && message !== '',
  )?.message;
  return {
    phase,
    location,
    now: clock.now(),
    ...(faults.length === 3 && faults[0] !== undefined && { fault: faults[0] }),
    ...(health.ok && { health: health.value }),
    ...(workspace.ok && { locationState: locationState(workspace.value, location) }),
    ...(run !== undefined && { run }),
    ...(inProgress.ok && { inProgress: inProgress.value }),
    ownRuns: others.filter((other) => run === undefined || other.creationTime <= run.creationTime),
    ...(slot.ok && {
      slotHolders: slot.value.instance.concurrencyLimit.claimedSlots
        .filter((claim) => claim.runId !== runId)
        .map((claim) => ({ runId: claim.runId, unfinished: unfinished.has(claim.runId) })),
    }),
    ...(cause !== undefined && { cause }),
    ...(lastEngineMessage !== undefined && { lastEngineMessage: cleanMessage(lastEngineMessage) }),
  };
}

const eventsPerPage = 1_000;
const mostPages = 20;

async function readWholeLog(client: DagsterClient, runId: string, call: CallOptions): Promise<DagsterEvent[]> {
  const events: DagsterEvent[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const variables: RunLogsQueryVariables = { runId, cursor, limit: eventsPerPage };
    const answer = await client.execute(RunLogsDocument, variables, runLogsAnswer, call);
    if (!answer.ok || answer.value.logsForRun.__typename !== 'EventConnection') break;
    events.push(...answer.value.logsForRun.events);
    cursor = answer.value.logsForRun.cursor;
    if (!answer.value.logsForRun.hasMore) break;
  }
  return events;
}
