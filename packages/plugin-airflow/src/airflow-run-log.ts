import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { logAnswer, type Log, type LogItem } from './airflow-answers.js';
import { apiPath, type AirflowClient, type Answer } from './airflow-client.js';
import { logBeginning, type LogPosition } from './airflow-run-cursor.js';
import type { RunName } from './airflow-runs.js';

/** The try of a task whose log is read. */
export interface TaskTry {
  readonly taskId: string;
  readonly tryNumber: number;
  /** True when the try had ended before the log is asked for. */
  readonly ended: boolean;
}

/** A page of a log. */
export interface LogNews {
  readonly items: readonly LogItem[];
  readonly position: LogPosition;
  readonly hasMore: boolean;
}

/**
 * Reads the log of a try on from a position. A later try begins at its beginning. Airflow gives a token for what comes
 * next while the task is at work and none when the log is complete; a token that it refuses (its secret was changed)
 * costs one reading from the beginning.
 */
export async function readTaskLog(
  client: AirflowClient,
  run: RunName,
  task: TaskTry,
  from: LogPosition,
  call: CallOptions,
): Promise<Answer<LogNews>> {
  const before = from.tryNumber === task.tryNumber ? from : { ...logBeginning, tryNumber: task.tryNumber };
  if (task.tryNumber === 0 || before.complete) return success({ items: [], position: before, hasMore: false });
  const answer = await readPage(client, run, task, before.token, call);
  if (!answer.ok && before.token !== null && answer.failure.status === 400) {
    return readTaskLog(client, run, task, { ...before, token: null }, call);
  }
  if (!answer.ok) {
    // The worker may not have written the first line yet; a task that never started has no log at all.
    const absent = answer.failure.status === 404;
    if (!absent) return failure(answer.failure);
    return success({ items: [], position: { ...before, complete: task.ended }, hasMore: false });
  }
  const { content, continuation_token: token } = answer.value;
  const all = withoutHeader(content);
  const items = before.token === null ? all.slice(before.seen) : all;
  const seen = before.token === null ? Math.max(before.seen, all.length) : before.seen + items.length;
  const position = { ...before, token, seen, complete: token === null && task.ended };
  return success({ items, position, hasMore: token !== null && token !== before.token && items.length > 0 });
}

function readPage(
  client: AirflowClient,
  { dagId, runId }: RunName,
  { taskId, tryNumber }: TaskTry,
  token: string | null,
  call: CallOptions,
): Promise<Answer<Log>> {
  const path = apiPath('dags', dagId, 'dagRuns', runId, 'taskInstances', taskId, 'logs', String(tryNumber));
  const query = { full_content: false, ...(token !== null && { token }) };
  return client.send({ method: 'GET', path, query }, logAnswer, call);
}

const headerStart = '::group::Log message source details';

/** Airflow begins every reading with the places of the log: paths and addresses of the server. */
function withoutHeader(content: readonly LogItem[]): readonly LogItem[] {
  if (content[0]?.event.startsWith(headerStart) !== true) return content;
  const end = content.findIndex(({ event }) => event === '::endgroup::');
  return end < 0 ? [] : content.slice(end + 1);
}
