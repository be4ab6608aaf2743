import { stripVTControlCharacters } from 'node:util';
import type { LogLine } from '@floe/core/execution/job-result';
import { runRecordSchema, type NodeResult, type RunRecord } from '@floe/core/execution/run-record';
import { success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { artifactsAnswer, logsAnswer, taskRunsAnswer, type PrefectLog, type TaskRun } from './prefect-answers.js';
import type { Answer, PrefectClient } from './prefect-client.js';
import { nodeStatusOf } from './prefect-run-state.js';

const pageSize = 200;
/** Milliseconds by which a node may be told later than another one that ended after it. */
const overlapMs = 5_000;

export interface NodeNews {
  readonly nodes: readonly NodeResult[];
  /** End of the newest node. */
  readonly until: string | null;
}

/** Nodes that ended since a time, in the order of their end, and those that run now. */
export async function readNodes(
  client: PrefectClient,
  runId: string,
  since: string | null,
  call: CallOptions,
): Promise<Answer<NodeNews>> {
  const after = since === null ? undefined : new Date(Date.parse(since) - overlapMs).toISOString();
  const ended: TaskRun[] = [];
  for (let offset = 0; ; offset += pageSize) {
    const page = await readTaskRuns(
      client,
      { flow_run_id: { any_: [runId] }, end_time: after === undefined ? { is_null_: false } : { after_: after } },
      offset,
      call,
    );
    if (!page.ok) return page;
    ended.push(...page.value);
    if (page.value.length < pageSize) break;
  }
  const running = await readTaskRuns(
    client,
    { flow_run_id: { any_: [runId] }, state: { type: { any_: ['RUNNING'] } } },
    0,
    call,
  );
  if (!running.ok) return running;
  ended.sort((one, other) => timeOf(one.end_time) - timeOf(other.end_time));
  return success({
    nodes: [...ended, ...running.value].flatMap(toNodeResult),
    until: ended.at(-1)?.end_time ?? since,
  });
}

interface TaskRunFilter {
  readonly flow_run_id: { readonly any_: readonly string[] };
  readonly end_time?: { readonly after_: string } | { readonly is_null_: boolean };
  readonly state?: { readonly type: { readonly any_: readonly string[] } };
}

function readTaskRuns(
  client: PrefectClient,
  filter: TaskRunFilter,
  offset: number,
  call: CallOptions,
): Promise<Answer<TaskRun[]>> {
  const json = { task_runs: filter, sort: 'END_TIME_DESC', limit: pageSize, offset };
  return client.ask({ method: 'POST', path: '/task_runs/filter', json }, taskRunsAnswer, call);
}

function toNodeResult(run: TaskRun): NodeResult[] {
  const status = nodeStatusOf(run.state_name);
  if (status === undefined) return [];
  const { labels, state, start_time: start, end_time: end } = run;
  const message = state?.message ?? null;
  return [
    {
      id: run.task_key,
      status,
      dbt_status: typeof labels['floe.dbt-status'] === 'string' ? labels['floe.dbt-status'] : null,
      seconds: start === null || end === null ? null : (Date.parse(end) - Date.parse(start)) / 1_000,
      started_at: start,
      finished_at: end,
      rows: numberOf(labels['floe.rows']),
      failures: numberOf(labels['floe.failures']),
      message: message === '' ? null : message,
    },
  ];
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function timeOf(time: string | null): number {
  return time === null ? 0 : Date.parse(time);
}

/** The record that the loader left as an artifact; the newest, if Prefect ran the run again. */
export async function readRecord(
  client: PrefectClient,
  runId: string,
  key: string,
  call: CallOptions,
): Promise<Answer<RunRecord | undefined>> {
  const json = {
    artifacts: { flow_run_id: { any_: [runId] }, key: { any_: [key] } },
    sort: 'CREATED_DESC',
    limit: 5,
  };
  const answer = await client.ask({ method: 'POST', path: '/artifacts/filter', json }, artifactsAnswer, call);
  if (!answer.ok) return answer;
  const byAge = answer.value.toSorted((one, other) => timeOf(other.created) - timeOf(one.created));
  const records = byAge.flatMap(({ data }) => parseRecord(data) ?? []);
  return success(records[0]);
}

function parseRecord(data: unknown): RunRecord | undefined {
  try {
    return runRecordSchema.safeParse(typeof data === 'string' ? JSON.parse(data) : data).data;
  } catch {
    return undefined;
  }
}

export interface LogFilter {
  readonly runId: string;
  /** Prefect's number: 20 info, 30 warning, 40 error. */
  readonly level: number;
  /** ISO 8601. */
  readonly after?: string;
}

/** Lines of a run's log in the order of their time, one page. */
export function readLogPage(
  client: PrefectClient,
  { runId, level, after }: LogFilter,
  offset: number,
  call: CallOptions,
): Promise<Answer<PrefectLog[]>> {
  const json = {
    logs: {
      flow_run_id: { any_: [runId] },
      level: { ge_: level },
      ...(after !== undefined && { timestamp: { after_: after } }),
    },
    sort: 'TIMESTAMP_ASC',
    limit: logPageSize,
    offset,
  };
  return client.ask({ method: 'POST', path: '/logs/filter', json }, logsAnswer, call);
}

/** Lines that Prefect gives at once. */
export const logPageSize = pageSize;

/** The texts of a line of Prefect's log, without colours. */
export function toLogLines(log: PrefectLog): LogLine[] {
  return stripVTControlCharacters(log.message)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((text) => ({ at: new Date(log.timestamp).toISOString(), level: levelOf(log.level), text }));
}

function levelOf(level: number): LogLine['level'] {
  if (level >= 40) return 'error';
  if (level >= 30) return 'warning';
  return level >= 20 ? 'info' : 'debug';
}
