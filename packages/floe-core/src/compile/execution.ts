import { executionSchema, type OrchestrationExecution } from '../artifacts/orchestration.js';
import type { Problem } from '../errors/problem.js';
import type { ExecutionLimits, ExecutionSettings } from '../manifest/execution-settings.js';
import type { KeyPath, Locator } from '../manifest/key-path.js';

/** Where execution settings come from: floe.yaml over the manifest's defaults over floe's own, under the limits. */
export interface ExecutionInput {
  readonly product: { readonly settings: ExecutionSettings; readonly locator: Locator };
  readonly platform: {
    readonly defaults: ExecutionSettings;
    readonly limits: ExecutionLimits;
    readonly locator: Locator;
  };
}

const limitedSettings: readonly KeyPath[] = [
  ['timeout'],
  ['node_timeout'],
  ['queue_timeout'],
  ['start_timeout'],
  ['threads'],
  ['retries', 'max'],
  ['restarts'],
];

/** The execution settings of a product. A given value above a limit is an error, a default is lowered to it. */
export function resolveExecution(input: ExecutionInput): {
  readonly execution: OrchestrationExecution;
  readonly problems: readonly Problem[];
} {
  const { product, platform } = input;
  const problems: Problem[] = [];
  const merged: Record<string, unknown> = merge(platform.defaults, product.settings);
  const execution = executionSchema.parse(merged);
  for (const path of limitedSettings) {
    const limit = numberAt(platform.limits, path);
    if (limit === undefined) continue;
    const wanted = numberAt(product.settings, path);
    const preset = numberAt(platform.defaults, path);
    if (wanted !== undefined && wanted > limit)
      problems.push(aboveLimit(path, wanted, limit, product.locator, ['execution'], platform.locator));
    if (preset !== undefined && preset > limit)
      problems.push(aboveLimit(path, preset, limit, platform.locator, ['execution', 'defaults'], platform.locator));
    const current = numberAt(execution, path);
    if (current === undefined || current > limit) lower(execution, path, limit);
  }
  return { execution, problems };
}

function merge(base: ExecutionSettings, over: ExecutionSettings): Record<string, unknown> {
  return {
    ...base,
    ...over,
    retries: { ...base.retries, ...over.retries },
    dbt: { ...base.dbt, ...over.dbt },
  };
}

function numberAt(settings: object, path: KeyPath): number | undefined {
  let current: unknown = settings;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return typeof current === 'number' ? current : undefined;
}

function lower(execution: OrchestrationExecution, path: KeyPath, limit: number): void {
  const parent: Record<string, unknown> = path.length === 1 ? execution : execution.retries;
  parent[String(path.at(-1))] = limit;
}

function aboveLimit(
  path: KeyPath,
  wanted: number,
  limit: number,
  locator: Locator,
  prefix: KeyPath,
  manifest: Locator,
): Problem {
  const place = manifest.locate(['execution', 'limits', ...path]);
  const name = path.join('.');
  return {
    code: 'INVALID_VALUE',
    severity: 'error',
    message: `${name} is ${wanted}, but the platform allows at most ${limit} (${manifest.file}${place.line === undefined ? '' : `:${place.line}`}).`,
    resolution: `Lower ${name} to ${limit} or less, or ask the owner of the platform for a higher limit.`,
    location: locator.locate([...prefix, ...path]),
  };
}
