import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { flowRunSchema, flowRunsAnswer, type FlowRun } from './prefect-answers.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import type { PrefectFault } from './prefect-errors.js';

/** Which runs are asked for; Prefect gives all runs for a filter that it does not know, so that it is built here only. */
export interface RunFilter {
  readonly deploymentIds?: readonly string[];
  readonly flowName?: string;
  readonly idempotencyKeys?: readonly string[];
  readonly stateTypes?: readonly string[];
  readonly tags?: readonly string[];
  /** ISO 8601. */
  readonly expectedBefore?: string;
}

/** The newest runs that a filter lets through, newest first. */
export function readRuns(
  client: PrefectClient,
  filter: RunFilter,
  limit: number,
  call: CallOptions,
): Promise<Answer<readonly FlowRun[]>> {
  const { deploymentIds, flowName, idempotencyKeys, stateTypes, tags, expectedBefore } = filter;
  const json = {
    ...(flowName !== undefined && { flows: { name: { any_: [flowName] } } }),
    flow_runs: {
      ...(deploymentIds !== undefined && { deployment_id: { any_: deploymentIds } }),
      ...(idempotencyKeys !== undefined && { idempotency_key: { any_: idempotencyKeys } }),
      ...(stateTypes !== undefined && { state: { type: { any_: stateTypes } } }),
      ...(tags !== undefined && { tags: { all_: tags } }),
      ...(expectedBefore !== undefined && { expected_start_time: { before_: expectedBefore } }),
    },
    sort: 'EXPECTED_START_TIME_DESC',
    limit: Math.min(limit, 200),
  };
  return client.ask({ method: 'POST', path: '/flow_runs/filter', json }, flowRunsAnswer, call);
}

/** One run; RUN_NOT_FOUND when there is none. */
export async function readRun(client: PrefectClient, runId: string, call: CallOptions): Promise<Answer<FlowRun>> {
  const path = `/flow_runs/${encodeURIComponent(runId)}`;
  const answer = await client.ask({ method: 'GET', path }, flowRunSchema, call);
  const isMissing = !answer.ok && answer.failure.status === 404 && answer.failure.code !== 'CONNECTION_WRONG_ENDPOINT';
  return isMissing ? failure(runNotFound(runId)) : answer;
}

/** One run, or nothing when the id is none that Prefect knows. */
export async function findRun(
  client: PrefectClient,
  runId: string,
  call: CallOptions,
): Promise<Answer<FlowRun | undefined>> {
  if (!/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu.test(runId)) return success(undefined);
  const run = await readRun(client, runId, call);
  return !run.ok && run.failure.code === 'RUN_NOT_FOUND' ? success(undefined) : run;
}

export function runNotFound(runId: string): PrefectFault {
  return {
    code: 'RUN_NOT_FOUND',
    message: `Prefect does not know the run ${runId}.`,
    resolution: 'It was deleted, or the address leads to another Prefect: check both.',
    retryable: false,
  };
}
