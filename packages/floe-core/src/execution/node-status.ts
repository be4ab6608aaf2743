/** How a node stands. `unknown` is a dbt status that floe does not know: never green. */
export const nodeStatuses = [
  'pending',
  'running',
  'succeeded',
  'warned',
  'failed',
  'skipped',
  'cancelled',
  'unknown',
] as const;
export type NodeStatus = (typeof nodeStatuses)[number];

/** True when the node counts as done for `never green when work is missing`. */
export function isSuccessful(status: NodeStatus): boolean {
  return status === 'succeeded' || status === 'warned';
}

/** True when the node will not change any more in this attempt. */
export function isFinished(status: NodeStatus): boolean {
  return status !== 'pending' && status !== 'running';
}
