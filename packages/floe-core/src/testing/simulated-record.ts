import type { NodeStatus } from '../execution/node-status.js';
import { isSuccessful } from '../execution/node-status.js';
import type { NodeResult, RunRecord } from '../execution/run-record.js';
import type { SimulatedNode } from './simulated-scenario.js';
import type { WorldRun } from './simulated-world.js';

/** A node's result as the runtime would report it. */
export function nodeResult({ id, seconds }: SimulatedNode, status: NodeStatus): NodeResult {
  const failed = status === 'failed';
  return {
    id,
    status,
    dbt_status: status,
    seconds: status === 'running' ? null : seconds,
    started_at: null,
    finished_at: null,
    rows: null,
    failures: null,
    message: failed ? `Database Error in ${id}` : null,
  };
}

/** The record of an ended run, with the lie of its behaviour in it. */
export function simulatedRecord(run: WorldRun, outcome: RunRecord['outcome'], bundleHash: string | null): RunRecord {
  const { plan, behaviour, request } = run;
  const finished = outcome === 'duplicate' ? [] : finishedNodes(run);
  const done = new Set(finished.map(({ id }) => id));
  const honest: RunRecord = {
    protocol: 1,
    key: request.key,
    bundle_hash: bundleHash,
    planned: plan.length,
    missing: outcome === 'duplicate' ? [] : plan.map(({ id }) => id).filter((id) => !done.has(id)),
    attempts: [{ n: 1, delay: 0, nodes: finished }],
    hooks: [],
    outcome,
    error: null,
    counts: countByStatus(finished),
    truncated: false,
    started_at: null,
    finished_at: null,
    observers: {},
  };
  return behaviour.lie === undefined || outcome === 'duplicate' ? honest : deceive(honest, behaviour.lie);
}

function finishedNodes({ results, plan }: WorldRun): NodeResult[] {
  const last = new Map(results.map(({ result }) => [result.id, result]));
  return plan.flatMap((node) => {
    const result = last.get(node.id);
    if (result === undefined) return [];
    return [result.status === 'running' ? nodeResult(node, 'cancelled') : result];
  });
}

function deceive(record: RunRecord, lie: NonNullable<WorldRun['behaviour']['lie']>): RunRecord {
  const nodes = record.attempts[0]?.nodes ?? [];
  const withNodes = (changed: NodeResult[]): RunRecord => ({
    ...record,
    attempts: [{ n: 1, delay: 0, nodes: changed }],
  });
  switch (lie) {
    case 'record_omits_node':
      return { ...withNodes(nodes.slice(1)), planned: Math.max(0, record.planned - 1) };
    case 'record_misses_node':
      return { ...withNodes(nodes.slice(1)), missing: nodes.slice(0, 1).map(({ id }) => id) };
    case 'record_unknown_status':
      return withNodes(nodes.map((node, index) => (index === 0 ? { ...node, status: 'unknown' } : node)));
    case 'record_other_key':
      return { ...record, key: `other-${record.key}` };
    case 'record_other_bundle':
      return { ...record, bundle_hash: 'sha256:other' };
    case 'record_truncated':
      return { ...withNodes(nodes.filter(({ status }) => !isSuccessful(status))), truncated: true };
    case 'record_truncated_short': {
      const counts = countByStatus(nodes.slice(1));
      return { ...withNodes(nodes.slice(1).filter(({ status }) => !isSuccessful(status))), truncated: true, counts };
    }
    case 'says_succeeded':
    case 'says_failed':
    case 'no_ending':
      return record;
  }
}

function countByStatus(nodes: readonly NodeResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of nodes) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
