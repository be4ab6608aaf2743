import type { NodeOutcome } from './job-result.js';
import { isSuccessful } from './node-status.js';
import { finalNodes } from './node-tracker.js';
import type { PlannedNodes } from './planned-nodes.js';
import type { RunRecord } from './run-record.js';

/** What a record leaves open of a plan. */
export interface RecordGaps {
  /** Expected ids that neither succeeded nor are listed with another end. */
  readonly missing: readonly string[];
  /** Nodes that are listed and did not succeed. */
  readonly unsuccessful: readonly Pick<NodeOutcome, 'id' | 'status'>[];
  /** Planned nodes that the counts of a shortened record do not account for. */
  readonly uncounted: number;
  readonly failedHooks: readonly string[];
  /** True when nodes were interrupted or never begun. */
  readonly cutOff: boolean;
}

/** Compares a record with the plan of the client and with what it says of itself. */
export function findGaps(record: RunRecord, planned: PlannedNodes): RecordGaps {
  const final = finalNodes(record);
  const unsuccessful = [...final.values()]
    .map(({ result }) => ({ id: result.id, status: result.status }))
    .filter(({ status }) => !isSuccessful(status));
  const counted = (record.counts.succeeded ?? 0) + (record.counts.warned ?? 0) + unsuccessful.length;
  const accounted = record.truncated ? Math.min(counted, record.planned) : final.size;
  const plannedCount = Math.max(record.planned, planned.expected?.length ?? 0);
  const unlisted = record.truncated ? [] : (planned.expected ?? []).filter((id) => !final.has(id));
  const missing = [...new Set([...record.missing, ...unlisted])];
  const uncounted = Math.max(0, plannedCount - accounted);
  return {
    missing,
    unsuccessful,
    uncounted,
    failedHooks: record.hooks
      .filter(({ status }) => !isSuccessful(status) && status !== 'skipped')
      .map(({ name }) => name),
    cutOff: missing.length > 0 || uncounted > 0 || unsuccessful.some(({ status }) => status === 'cancelled'),
  };
}
