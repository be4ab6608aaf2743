import type { BackendFault } from '@floe/core/execution/run-backend';
import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { locationJobsAnswer, workspaceAnswer, type LocationEntry } from './dagster-answers.js';
import type { Answer, DagsterClient } from './dagster-client.js';
import {
  describeCause,
  faultOfPythonError,
  unauthorizedFault,
  unknownAnswerFault,
  type DagsterError,
} from './dagster-errors.js';
import { floeTags } from './dagster-run-tags.js';
import { LocationJobsDocument, WorkspaceDocument } from './generated/graphql.js';

/** Names the definitions of a product at Dagster. */
export interface RepositoryName {
  readonly location: string;
  readonly repository: string;
}

/** How a code location stands. */
export type LocationState =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken'; readonly error: DagsterError };

/** Every code location of the workspace. `locationStatusesOrError` is not asked: it calls broken ones loaded. */
export async function readWorkspace(
  client: DagsterClient,
  call: CallOptions,
): Promise<Answer<readonly LocationEntry[]>> {
  const answer = await client.execute(WorkspaceDocument, {}, workspaceAnswer, call);
  if (!answer.ok) return answer;
  const { workspaceOrError } = answer.value;
  switch (workspaceOrError.__typename) {
    case 'Workspace':
      return success(workspaceOrError.locationEntries);
    case 'PythonError':
      return failure(faultOfPythonError(workspaceOrError));
    case 'other':
      return failure(unknownAnswerFault('the question for its workspace', workspaceOrError.name));
  }
}

/** The state of one code location. */
export function locationState(entries: readonly LocationEntry[], name: string): LocationState {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) return { kind: 'missing' };
  const loaded = entry.locationOrLoadError;
  if (loaded === null || entry.loadStatus === 'LOADING') return { kind: 'loading' };
  return loaded.__typename === 'PythonError' ? { kind: 'broken', error: loaded } : { kind: 'loaded' };
}

/** What stands in the way of using a code location, or undefined. */
export function faultOfLocation(state: LocationState, name: string): BackendFault | undefined {
  switch (state.kind) {
    case 'loaded':
      return undefined;
    case 'loading':
      return {
        code: 'DEPLOYMENT_NOT_LOADED',
        message: `Dagster is still loading the code location "${name}".`,
        resolution: 'Wait a moment and try again.',
        retryable: true,
      };
    case 'missing':
      return {
        code: 'DEPLOYMENT_MISSING',
        message: `Dagster has no code location "${name}".`,
        resolution: 'Deploy the product first (`floe deploy`), or check code_location in plugins.orchestrator.config.',
        retryable: false,
      };
    case 'broken':
      return {
        code: 'DEPLOYMENT_NOT_LOADED',
        message: `The code location "${name}" does not load: ${describeCause(state.error)}`,
        resolution:
          "Mend what the message says (often a package that is missing in the location's environment), then deploy again.",
        retryable: false,
      };
  }
}

/** The jobs of a product with the tags that every run of them carries; undefined when the repository is unknown. */
export async function readJobs(
  client: DagsterClient,
  name: RepositoryName,
  call: CallOptions,
): Promise<Answer<ReadonlyMap<string, ReadonlyMap<string, string>> | undefined>> {
  const repository = { repositoryLocationName: name.location, repositoryName: name.repository };
  const answer = await client.execute(LocationJobsDocument, { repository }, locationJobsAnswer, call);
  if (!answer.ok) return answer;
  const { repositoryOrError } = answer.value;
  switch (repositoryOrError.__typename) {
    case 'Repository':
      return success(
        new Map(
          repositoryOrError.jobs.map((job) => [job.name, new Map(job.tags.map(({ key, value }) => [key, value]))]),
        ),
      );
    case 'RepositoryNotFoundError':
      return success(undefined);
    case 'PythonError':
      return failure(faultOfPythonError(repositoryOrError));
    case 'other':
      return failure(unknownAnswerFault('the question for jobs', repositoryOrError.name));
  }
}

/** The bundle that is loaded: a tag of the job. */
export function bundleHashOf(jobs: ReadonlyMap<string, ReadonlyMap<string, string>>, job: string): string | undefined {
  return jobs.get(job)?.get(floeTags.bundleHash);
}

/** The answer to a mutation that is refused. */
export function refusedFault(
  refusal: { readonly __typename: string } & (
    | { readonly __typename: 'UnauthorizedError'; readonly message: string }
    | ({ readonly __typename: 'PythonError' } & DagsterError)
    | { readonly __typename: 'other'; readonly name: string }
  ),
  operation: string,
): BackendFault {
  switch (refusal.__typename) {
    case 'UnauthorizedError':
      return unauthorizedFault(refusal.message);
    case 'PythonError':
      return faultOfPythonError(refusal);
    case 'other':
      return unknownAnswerFault(operation, refusal.name);
  }
}
