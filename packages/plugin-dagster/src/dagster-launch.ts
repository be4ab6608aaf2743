import type { BackendFault } from '@floe/core/execution/run-backend';
import type { RunRequest } from '@floe/core/execution/run-request';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { RepositoryName } from './dagster-locations.js';
import type { NameTable } from './dagster-name-table.js';
import { floeTags, maxRuntime } from './dagster-run-tags.js';
import { toNativeSelection } from './dagster-selection.js';
import type { ExecutionParams } from './generated/graphql.js';

export interface LaunchInput {
  readonly request: RunRequest;
  readonly pipeline: Pipeline;
  readonly names: NameTable;
  readonly repository: RepositoryName;
  /** The run that this one repeats in part. */
  readonly parent?: { readonly parentRunId: string; readonly rootRunId: string };
}

/** Bytes of a tag that every database of Dagster can hold in its index (PostgreSQL: 2,704 for key and value). */
const longestTag = 2_500;

/** The parameters of `launchRun` for a request. */
export function launchParameters(input: LaunchInput): Outcome<ExecutionParams, BackendFault> {
  const { request, pipeline, names, repository, parent } = input;
  const { name } = pipeline.product;
  const selection = toNativeSelection(request, pipeline, names);
  // Dagster's own selection carries the ids, of which there may be thousands.
  const text = JSON.stringify({ ...request, ids: null });
  if (Buffer.byteLength(text) > longestTag) {
    return failure({
      code: 'INVALID_VALUE',
      message: `The settings of the run have ${Buffer.byteLength(text)} bytes, Dagster can keep ${longestTag} with a run.`,
      resolution: 'Give fewer or shorter vars, for example the name of a file that has the values.',
      retryable: false,
    });
  }
  const tags: Record<string, string> = {
    [floeTags.request]: text,
    [floeTags.key]: request.key,
    [floeTags.product]: name,
  };
  if (request.bundle_hash !== null) tags[floeTags.bundleHash] = request.bundle_hash;
  tags['dagster/max_runtime'] = maxRuntime(request.timeout ?? pipeline.execution.timeout);
  return success({
    selector: {
      repositoryLocationName: repository.location,
      repositoryName: repository.repository,
      jobName: names.jobs.get(name) ?? name,
      ...selection,
    },
    executionMetadata: {
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      ...parent,
    },
  });
}
