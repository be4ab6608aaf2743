import type { ExecutionPolicy } from '@floe/core/pipeline/pipeline';

/** Run tags of floe. */
export const floeTags = {
  /** RunRequest as JSON. */
  request: 'floe/request',
  key: 'floe/key',
  product: 'floe/product',
  bundleHash: 'floe/bundle-hash',
} as const;

/** Seconds by which Dagster's own limit of a run lies above floe's, so that floe's fires first. */
const timeoutMargin = 60;

/**
 * Tags of every run of a product. Dagster reads `max_runtime` as seconds and ignores what is no number; its retries
 * only restart a run whose process was lost, never one whose nodes failed.
 */
export function runTags(execution: Pick<ExecutionPolicy, 'timeout' | 'restarts'>): Readonly<Record<string, string>> {
  return {
    'dagster/max_runtime': maxRuntime(execution.timeout),
    'dagster/max_retries': String(execution.restarts),
    'dagster/retry_strategy': 'ALL_STEPS',
    'dagster/retry_on_asset_or_op_failure': 'false',
  };
}

/** `dagster/max_runtime` for a timeout in seconds. */
export function maxRuntime(timeout: number): string {
  return String(Math.ceil(timeout) + timeoutMargin);
}
