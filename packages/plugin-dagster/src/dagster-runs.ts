import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { runsAnswer, type RunFields } from './dagster-answers.js';
import type { Answer, DagsterClient } from './dagster-client.js';
import { cleanMessage, faultOfPythonError, unknownAnswerFault } from './dagster-errors.js';
import { RunsDocument, type RunsFilter } from './generated/graphql.js';

const pageSize = 50;

/** The newest runs that a filter lets through, newest first. */
export async function readRuns(
  client: DagsterClient,
  filter: RunsFilter,
  limit: number,
  call: CallOptions,
  cursor: string | null = null,
): Promise<Answer<readonly RunFields[]>> {
  const answer = await client.execute(RunsDocument, { filter, limit, cursor }, runsAnswer, call);
  if (!answer.ok) return answer;
  const { runsOrError } = answer.value;
  switch (runsOrError.__typename) {
    case 'Runs':
      return success(runsOrError.results);
    case 'InvalidPipelineRunsFilterError':
      return failure({
        code: 'PLATFORM_REFUSED',
        message: `Dagster does not take the question for runs: ${cleanMessage(runsOrError.message)}`,
        resolution: 'Compare the version of Dagster with the versions that the plugin supports (`floe doctor`).',
        retryable: false,
      });
    case 'PythonError':
      return failure(faultOfPythonError(runsOrError));
    case 'other':
      return failure(unknownAnswerFault('the question for runs', runsOrError.name));
  }
}

/** The oldest run that a filter lets through. */
export async function readOldestRun(
  client: DagsterClient,
  filter: RunsFilter,
  call: CallOptions,
): Promise<Answer<RunFields | undefined>> {
  let oldest: RunFields | undefined;
  for (let cursor: string | null = null; ;) {
    const page: Answer<readonly RunFields[]> = await readRuns(client, filter, pageSize, call, cursor);
    if (!page.ok) return page;
    oldest = page.value.at(-1) ?? oldest;
    if (page.value.length < pageSize) return success(oldest);
    cursor = oldest?.runId ?? null;
  }
}
