import { failure, success } from '@floe/core/outcome/outcome';
import type { CallOptions } from '@floe/core/time/call-options';
import { locationAssetsAnswer, locationTriggersAnswer, poolLimitAnswer } from './dagster-answers.js';
import type { Answer, DagsterClient } from './dagster-client.js';
import { faultOfPythonError, unknownAnswerFault } from './dagster-errors.js';
import { readJobs, type RepositoryName } from './dagster-locations.js';
import { assetName, qualifiedCheckName } from './dagster-names.js';
import { LocationAssetsDocument, LocationTriggersDocument, PoolLimitDocument } from './generated/graphql.js';

/** A schedule or sensor as Dagster shows it. */
export interface DeployedTrigger {
  readonly name: string;
  readonly job: string | null;
  readonly running: boolean;
  /** Id of its state, by which it is stopped. */
  readonly stateId: string;
  /** `cron zone` of a schedule, seconds of a sensor. */
  readonly timing: string;
}

/** Everything of a product that Dagster shows, read back over GraphQL. */
export interface DeployedState {
  /** Names of jobs with their tags. */
  readonly jobs: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly schedules: readonly DeployedTrigger[];
  readonly sensors: readonly DeployedTrigger[];
  readonly assets: ReadonlySet<string>;
  readonly checks: ReadonlySet<string>;
  readonly edges: readonly (readonly [string, string])[];
}

/** Reads jobs and triggers; undefined when the repository is not loaded. */
export async function readDeployedTriggers(
  client: DagsterClient,
  name: RepositoryName,
  call: CallOptions,
): Promise<Answer<Pick<DeployedState, 'jobs' | 'schedules' | 'sensors'> | undefined>> {
  const jobs = await readJobs(client, name, call);
  if (!jobs.ok) return jobs;
  if (jobs.value === undefined) return success(undefined);
  const repository = { repositoryLocationName: name.location, repositoryName: name.repository };
  const answer = await client.execute(LocationTriggersDocument, { repository }, locationTriggersAnswer, call);
  if (!answer.ok) return answer;
  const { repositoryOrError } = answer.value;
  switch (repositoryOrError.__typename) {
    case 'Repository':
      return success({
        jobs: jobs.value,
        schedules: repositoryOrError.schedules.map((schedule) => ({
          name: schedule.name,
          job: schedule.pipelineName,
          running: schedule.scheduleState.status === 'RUNNING',
          stateId: schedule.scheduleState.id,
          timing: `${schedule.cronSchedule} ${schedule.executionTimezone ?? 'UTC'}`,
        })),
        sensors: repositoryOrError.sensors.map((sensor) => ({
          name: sensor.name,
          job: sensor.targets?.[0]?.pipelineName ?? null,
          running: sensor.sensorState.status === 'RUNNING',
          stateId: sensor.sensorState.id,
          timing: String(sensor.minIntervalSeconds),
        })),
      });
    case 'RepositoryNotFoundError':
      return success(undefined);
    case 'PythonError':
      return failure(faultOfPythonError(repositoryOrError));
    case 'other':
      return failure(unknownAnswerFault('the question for schedules', repositoryOrError.name));
  }
}

const assetsPerPage = 500;

/**
 * Reads assets, checks and edges. Dagster shows assets of the whole workspace merged: a check belongs to the product
 * when a job of the product runs it.
 */
export async function readDeployedAssets(
  client: DagsterClient,
  name: RepositoryName,
  jobs: ReadonlySet<string>,
  call: CallOptions,
): Promise<Answer<Pick<DeployedState, 'assets' | 'checks' | 'edges'>>> {
  const repository = { repositoryLocationName: name.location, repositoryName: name.repository };
  const assets = new Set<string>();
  const checks = new Set<string>();
  const edges: (readonly [string, string])[] = [];
  for (let cursor: string | null = null; ;) {
    const variables: { repository: typeof repository; cursor: string | null; limit: number } = {
      repository,
      cursor,
      limit: assetsPerPage,
    };
    const answer = await client.execute(LocationAssetsDocument, variables, locationAssetsAnswer, call);
    if (!answer.ok) return answer;
    const { repositoryOrError } = answer.value;
    if (repositoryOrError.__typename === 'PythonError') return failure(faultOfPythonError(repositoryOrError));
    if (repositoryOrError.__typename !== 'Repository') {
      return failure(unknownAnswerFault('the question for assets', repositoryOrError.__typename));
    }
    const page = repositoryOrError.assetNodesConnection;
    for (const node of page.nodes) {
      const key = node.assetKey.path;
      if (node.isMaterializable) assets.add(assetName(key));
      for (const dependency of node.dependencyKeys) edges.push([assetName(dependency.path), assetName(key)]);
      if (node.assetChecksOrError.__typename !== 'AssetChecks') continue;
      for (const check of node.assetChecksOrError.checks) {
        if (check.jobNames.some((job) => jobs.has(job))) checks.add(qualifiedCheckName(key, check.name));
      }
    }
    if (!page.hasMore || page.cursor === null || page.cursor === cursor) return success({ assets, checks, edges });
    cursor = page.cursor;
  }
}

/** Slots of a pool: 1 as it should be, another number, or null without a limit. */
export async function readPoolLimit(
  client: DagsterClient,
  pool: string,
  call: CallOptions,
): Promise<Answer<number | null>> {
  const answer = await client.execute(PoolLimitDocument, { pool }, poolLimitAnswer, call);
  return answer.ok ? success(answer.value.instance.concurrencyLimit.limit) : answer;
}
