import type { Diagnosis } from '@floe/core/execution/job-result';
import type {
  BackendFault,
  CancelOutcome,
  LogPage,
  RunBackend,
  RunReference,
  RunSnapshot,
  StuckPhase,
  SubmitInput,
  SubmitOutcome,
} from '@floe/core/execution/run-backend';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { launchAnswer, runLogsAnswer, runProgressAnswer, terminateAnswer, type RunFields } from './dagster-answers.js';
import type { DagsterClient } from './dagster-client.js';
import { diagnose } from './dagster-diagnosis.js';
import { gatherFacts } from './dagster-diagnosis-facts.js';
import { faultOfPythonError, rootCause, unknownAnswerFault } from './dagster-errors.js';
import { launchParameters } from './dagster-launch.js';
import {
  bundleHashOf,
  faultOfLocation,
  locationState,
  readJobs,
  readWorkspace,
  refusedFault,
  type RepositoryName,
} from './dagster-locations.js';
import type { NameTable } from './dagster-name-table.js';
import { parseRunCursor, writeRunCursor } from './dagster-run-cursor.js';
import { readLogLines, readRunEvents } from './dagster-run-events.js';
import { endingOf, inProgressStatuses, isoTime, phaseOf, restartOf, runUrl } from './dagster-run-state.js';
import { floeTags } from './dagster-run-tags.js';
import { readOldestRun, readRuns } from './dagster-runs.js';
import { LaunchRunDocument, RunLogsDocument, RunProgressDocument, TerminateRunDocument } from './generated/graphql.js';

/** What the backend of one product needs. */
export interface DagsterBackendOptions {
  readonly client: DagsterClient;
  readonly pipeline: Pipeline;
  readonly names: NameTable;
  readonly repository: RepositoryName;
  readonly clock: Clock;
}

/** Events of one page; a full page of a large product stays far below the size limit of an answer. */
const eventsPerPage = 500;

/** Dagster for the run driver: GraphQL in, snapshots out. */
export class DagsterRunBackend implements RunBackend {
  readonly #client: DagsterClient;
  readonly #pipeline: Pipeline;
  readonly #names: NameTable;
  readonly #repository: RepositoryName;
  readonly #clock: Clock;

  constructor(options: DagsterBackendOptions) {
    this.#client = options.client;
    this.#pipeline = options.pipeline;
    this.#names = options.names;
    this.#repository = options.repository;
    this.#clock = options.clock;
  }

  async submit(input: SubmitInput, call: CallOptions): Promise<SubmitOutcome> {
    const refused = await this.#checkDeployment(input.expectedHash, call);
    if (refused !== undefined) return { kind: 'rejected', fault: refused };
    const parent = input.retryOf === undefined ? undefined : await this.#rootOf(input.retryOf, call);
    if (parent?.ok === false) return { kind: 'rejected', fault: parent.failure };
    const parameters = launchParameters({
      request: input.request,
      pipeline: this.#pipeline,
      names: this.#names,
      repository: this.#repository,
      ...(parent !== undefined && { parent: parent.value }),
    });
    if (!parameters.ok) return { kind: 'rejected', fault: parameters.failure };
    const answer = await this.#client.execute(LaunchRunDocument, { parameters: parameters.value }, launchAnswer, call);
    if (!answer.ok) {
      return { kind: answer.failure.nothingHappened === true ? 'rejected' : 'unknown', fault: answer.failure };
    }
    return this.#launched(answer.value.launchRun, call);
  }

  async find(key: string, call: CallOptions): Promise<Outcome<RunReference | undefined, BackendFault>> {
    const tags = [
      { key: floeTags.key, value: key },
      { key: floeTags.product, value: this.#pipeline.product.name },
    ];
    const oldest = await readOldestRun(this.#client, { tags }, call);
    if (!oldest.ok) return oldest;
    return success(oldest.value === undefined ? undefined : this.reference(oldest.value.runId));
  }

  /** The run with a key, else the one with this run id; RUN_NOT_FOUND when there is neither. */
  async locate(keyOrRunId: string, call: CallOptions): Promise<Outcome<RunReference, BackendFault>> {
    const byKey = await this.find(keyOrRunId, call);
    if (!byKey.ok) return byKey;
    if (byKey.value !== undefined) return success(byKey.value);
    const byId = await readRuns(this.#client, { runIds: [keyOrRunId] }, 1, call);
    if (!byId.ok) return byId;
    const run = byId.value[0];
    return run === undefined ? failure(runNotFound(this.reference(keyOrRunId))) : success(this.reference(run.runId));
  }

  async read(run: RunReference, cursor: string | null, call: CallOptions): Promise<Outcome<RunSnapshot, BackendFault>> {
    const before = parseRunCursor(cursor);
    const variables = { runId: run.runId, cursor: before.events, limit: eventsPerPage };
    const answer = await this.#client.execute(RunProgressDocument, variables, runProgressAnswer, call);
    if (!answer.ok) return answer;
    const { runOrError, logsForRun } = answer.value;
    if (runOrError.__typename !== 'Run') return failure(faultOfMissing(run, runOrError));
    if (logsForRun.__typename !== 'EventConnection') return failure(faultOfMissing(run, logsForRun));
    const { timedOut, lost, duplicateOf, ...news } = readRunEvents(logsForRun.events);
    const seen = { timedOut: before.timedOut || timedOut, lost: before.lost || lost };
    const restart = restartOf(runOrError, this.#clock.now());
    const phase = restart.kind === 'announced' ? 'queued' : phaseOf(runOrError.status);
    return success({
      ...news,
      phase,
      ...(phase === 'queued' && { waitingForOwnSlot: await this.#waitsForOwnSlot(runOrError, call) }),
      ...(phase === 'ended' && { ending: endingOf(runOrError.status, seen) }),
      ...(runOrError.startTime !== null && { startedAt: isoTime(runOrError.startTime) }),
      ...(runOrError.endTime !== null && { finishedAt: isoTime(runOrError.endTime) }),
      cursor: writeRunCursor({ events: logsForRun.cursor, ...seen }),
      hasMore: logsForRun.hasMore,
      ...(restart.kind === 'started' && { restartedAs: this.reference(restart.runId) }),
      ...(duplicateOf !== undefined && { duplicateOf: this.reference(duplicateOf) }),
    });
  }

  async logs(run: RunReference, cursor: string | null, call: CallOptions): Promise<Outcome<LogPage, BackendFault>> {
    const variables = { runId: run.runId, cursor, limit: eventsPerPage };
    const answer = await this.#client.execute(RunLogsDocument, variables, runLogsAnswer, call);
    if (!answer.ok) return answer;
    const { logsForRun } = answer.value;
    if (logsForRun.__typename !== 'EventConnection') return failure(faultOfMissing(run, logsForRun));
    return success({
      lines: readLogLines(logsForRun.events),
      cursor: logsForRun.cursor,
      hasMore: logsForRun.hasMore,
    });
  }

  async cancel(run: RunReference, force: boolean, call: CallOptions): Promise<Outcome<CancelOutcome, BackendFault>> {
    const policy = force ? 'MARK_AS_CANCELED_IMMEDIATELY' : 'SAFE_TERMINATE';
    const answer = await this.#client.execute(
      TerminateRunDocument,
      { runId: run.runId, policy },
      terminateAnswer,
      call,
    );
    if (!answer.ok) return answer;
    const { terminateRun } = answer.value;
    switch (terminateRun.__typename) {
      case 'TerminateRunSuccess':
        return success('accepted');
      case 'TerminateRunFailure': {
        const phase = phaseOf(terminateRun.run.status);
        if (phase === 'ended') return success('already_ended');
        return success(phase === 'cancelling' ? 'accepted' : 'not_now');
      }
      case 'RunNotFoundError':
        return failure(runNotFound(run));
      default:
        return failure(refusedFault(terminateRun, 'the request to end a run'));
    }
  }

  async diagnose(run: RunReference | undefined, phase: StuckPhase, call: CallOptions): Promise<Diagnosis> {
    const facts = await gatherFacts(
      {
        client: this.#client,
        clock: this.#clock,
        location: this.#repository.location,
        product: this.#pipeline.product.name,
        pool: this.#names.pool,
      },
      run?.runId,
      phase,
      call,
    );
    return diagnose(facts);
  }

  /** A run by its id, with the address of its page. */
  reference(runId: string): RunReference {
    return { runId, url: runUrl(this.#client.url, runId) };
  }

  /** Refuses what is not deployed, or what is deployed but not what was planned. */
  async #checkDeployment(expectedHash: string | null, call: CallOptions): Promise<BackendFault | undefined> {
    const jobs = await readJobs(this.#client, this.#repository, call);
    if (!jobs.ok) return jobs.failure;
    if (jobs.value === undefined) return await this.#locationFault(call);
    const deployed = bundleHashOf(jobs.value, this.#jobName());
    if (expectedHash === null || deployed === expectedHash) return undefined;
    return {
      code: 'DEPLOYMENT_STALE',
      message: `Dagster has ${deployed ?? 'no bundle of this product'}, but the run was planned with ${expectedHash}.`,
      resolution: 'Deploy the product (`floe deploy`), then run again.',
      retryable: false,
    };
  }

  /** Dagster says the same of a location that is unknown and of one that does not load; the workspace tells. */
  async #locationFault(call: CallOptions): Promise<BackendFault> {
    const { location, repository } = this.#repository;
    const entries = await readWorkspace(this.#client, call);
    if (!entries.ok) return entries.failure;
    return (
      faultOfLocation(locationState(entries.value, location), location) ?? {
        code: 'DEPLOYMENT_MISSING',
        message: `The code location "${location}" has no repository "${repository}".`,
        resolution: 'Deploy the product first (`floe deploy`), or check repository in plugins.orchestrator.config.',
        retryable: false,
      }
    );
  }

  async #launched(answer: (typeof launchAnswer)['_output']['launchRun'], call: CallOptions): Promise<SubmitOutcome> {
    switch (answer.__typename) {
      case 'LaunchRunSuccess':
        return { kind: 'submitted', run: this.reference(answer.run.runId) };
      case 'RunConfigValidationInvalid':
        return rejected(answer.errors.map((error) => error.message).join('; '));
      case 'PipelineNotFoundError':
        return { kind: 'rejected', fault: await this.#locationFault(call) };
      case 'InvalidSubsetError':
        return rejected(answer.message, 'Deploy the product again so that plan and deployment agree.');
      case 'RunConflict':
      case 'ConflictingExecutionParamsError':
        return rejected(answer.message);
      case 'PythonError': {
        const fault = faultOfPythonError(answer);
        const harmless = beforeCreation.has(rootCause(answer).className) || beforeCreation.has(answer.className ?? '');
        return { kind: harmless ? 'rejected' : 'unknown', fault };
      }
      default:
        return { kind: 'rejected', fault: refusedFault(answer, 'the launch of a run') };
    }
  }

  #jobName(): string {
    const { name } = this.#pipeline.product;
    return this.#names.jobs.get(name) ?? name;
  }

  /** Parent and root for the run that repeats a part of another, so that Dagster shows them together. */
  async #rootOf(
    run: RunReference,
    call: CallOptions,
  ): Promise<Outcome<{ parentRunId: string; rootRunId: string }, BackendFault>> {
    const runs = await readRuns(this.#client, { runIds: [run.runId] }, 1, call);
    if (!runs.ok) return runs;
    const parent = runs.value[0];
    if (parent === undefined) return failure(runNotFound(run));
    return success({ parentRunId: parent.runId, rootRunId: parent.rootRunId ?? parent.runId });
  }

  /** True while another run of the product is at work. */
  async #waitsForOwnSlot(run: RunFields, call: CallOptions): Promise<boolean> {
    const tags = [{ key: floeTags.product, value: this.#pipeline.product.name }];
    const runs = await readRuns(this.#client, { tags, statuses: [...inProgressStatuses] }, 2, call);
    return runs.ok && runs.value.some((other) => other.runId !== run.runId);
  }
}

/** Errors of Dagster that come before a run is written. */
const beforeCreation: ReadonlySet<string> = new Set([
  'DagsterInvalidSubsetError',
  'DagsterUserCodeUnreachableError',
  'DagsterInvariantViolationError',
  'DagsterInvalidConfigError',
  'DagsterCodeLocationNotFoundError',
  'CheckError',
]);

function rejected(
  message: string,
  resolution = 'Compare the version of Dagster with the versions that the plugin supports (`floe doctor`).',
): SubmitOutcome {
  return {
    kind: 'rejected',
    fault: {
      code: 'PLATFORM_REFUSED',
      message: `Dagster does not take the run: ${message}`,
      resolution,
      retryable: false,
    },
  };
}

function runNotFound(run: RunReference): BackendFault {
  return {
    code: 'RUN_NOT_FOUND',
    message: `Dagster does not know the run ${run.runId}.`,
    resolution: 'It was deleted, or the address leads to another Dagster: check both.',
    retryable: false,
  };
}

function faultOfMissing(
  run: RunReference,
  answer:
    | { readonly __typename: 'RunNotFoundError' }
    | ({ readonly __typename: 'PythonError' } & Parameters<typeof faultOfPythonError>[0])
    | { readonly __typename: 'other'; readonly name: string },
): BackendFault {
  switch (answer.__typename) {
    case 'RunNotFoundError':
      return runNotFound(run);
    case 'PythonError':
      return faultOfPythonError(answer);
    case 'other':
      return unknownAnswerFault('the question for a run', answer.name);
  }
}
