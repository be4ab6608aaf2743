import { hasErrors, type Problem } from '../errors/problem.js';
import { InputError } from '../errors/floe-error.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { selectNodes } from '../pipeline/selection/select.js';
import type { JobRequest } from '../plugin-interfaces.js';
import type { Random } from '../time/random.js';
import { runRequestSchema, type RunRequest } from './run-request.js';

export interface CreateRunRequestContext {
  /** Makes the key when the caller gives none. */
  readonly random: Random;
  /** Told of parts of a selection that match nothing. */
  readonly warn?: (problem: Problem) => void;
}

/**
 * What a run shall do, in full: the selection resolved to exact ids (null for the whole product with its checks), a key
 * made when there is none; what is absent is left to the product's execution settings.
 * @throws InputError for a selection that is wrong or empty, and for values out of range
 */
export function createRunRequest(
  job: Omit<JobRequest, 'artifacts'>,
  pipeline: Pipeline,
  context: CreateRunRequestContext,
): RunRequest {
  const candidate = {
    protocol: 1,
    key: job.key ?? context.random.uuid(),
    select: job.select ?? null,
    exclude: job.exclude ?? null,
    ids: selectedIds(job, pipeline, context),
    checks: job.checks ?? true,
    timeout: job.timeout ?? null,
    threads: job.threads ?? null,
    retries: job.retries ?? null,
    full_refresh: job.fullRefresh ?? false,
    vars: { ...job.vars },
    traceparent: job.traceparent ?? null,
    bundle_hash: job.bundleHash,
  };
  const parsed = runRequestSchema.safeParse(candidate);
  if (parsed.success) return parsed.data;
  throw InputError.fromProblems(
    parsed.error.issues.map(({ path, message }) => ({
      code: 'INVALID_VALUE',
      severity: 'error',
      message: `${path.join('.')}: ${message}`,
      resolution: resolutions[String(path[0])] ?? 'Correct the value.',
      location: { node: path.join('.') },
    })),
  );
}

const resolutions: Readonly<Record<string, string>> = {
  key: 'Use 1 to 128 letters, digits, dots, hyphens and underscores, the first one a letter or a digit.',
  timeout: 'Give seconds as a number above 0.',
  threads: 'Give a whole number of at least 1.',
  retries: 'Give a whole number of at least 0.',
};

function selectedIds(
  { select, exclude, checks = true }: Omit<JobRequest, 'artifacts'>,
  pipeline: Pipeline,
  { warn }: CreateRunRequestContext,
): string[] | null {
  if (select === undefined && exclude === undefined) {
    return checks ? null : pipeline.assets.map(({ id }) => id).sort();
  }
  const selected = selectNodes(pipeline, { select: select ?? null, exclude: exclude ?? null });
  if (hasErrors(selected.problems)) throw InputError.fromProblems(selected.problems);
  for (const problem of selected.problems) warn?.(problem);
  const ids = [...selected.assets, ...(checks ? selected.checks : [])].sort();
  if (ids.length > 0) return ids;
  throw InputError.fromProblems([
    {
      code: 'SELECTION_EMPTY',
      severity: 'error',
      message: 'Only checks are selected, and checks are switched off.',
      resolution: 'Select a model as well, or leave checks on.',
    },
  ]);
}
