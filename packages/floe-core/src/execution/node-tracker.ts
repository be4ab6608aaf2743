import type { Redactor } from '../redaction/redactor.js';
import type { NodeOutcome } from './job-result.js';
import { isFinished, isSuccessful, type NodeStatus } from './node-status.js';
import { describeNode, type PlannedNodes } from './planned-nodes.js';
import type { RunEvent } from './run-events.js';
import type { NodeResult, RunRecord } from './run-record.js';

interface TrackedNode {
  readonly result: NodeResult;
  readonly attempt: number;
}

/** How each node of one run stands, put together from what the orchestrator tells while it runs. */
export class NodeTracker {
  readonly #planned: PlannedNodes;
  readonly #redactor: Redactor;
  readonly #nodes = new Map<string, TrackedNode>();

  constructor(planned: PlannedNodes, redactor: Redactor) {
    this.#planned = planned;
    this.#redactor = redactor;
  }

  /** Takes results in their order and gives the events that are news. */
  apply(results: readonly NodeResult[]): RunEvent[] {
    const events: RunEvent[] = [];
    for (const reported of results) {
      const result = redactResult(reported, this.#redactor);
      const before = this.#nodes.get(result.id);
      if (before?.result.status === result.status) {
        this.#nodes.set(result.id, { result, attempt: before.attempt });
        continue;
      }
      const again = before !== undefined && isFinished(before.result.status) && !isFinished(result.status);
      this.#nodes.set(result.id, { result, attempt: (before?.attempt ?? 1) + (again ? 1 : 0) });
      const { id, status, seconds, rows, message } = result;
      events.push({ type: 'node', id, status, seconds, rows, message });
    }
    return events;
  }

  /** True when every expected node has an end; false when it is not known what to expect. */
  get allFinished(): boolean {
    const { expected } = this.#planned;
    if (expected === null || expected.length === 0) return false;
    return expected.every((id) => {
      const node = this.#nodes.get(id);
      return node !== undefined && isFinished(node.result.status);
    });
  }

  /** True when a node has ended otherwise than well, so that the runtime may try it again after a delay. */
  get anyUnsuccessful(): boolean {
    return [...this.#nodes.values()].some(({ result: { status } }) => isFinished(status) && !isSuccessful(status));
  }

  /** Every node of the run at its end; the record, where there is one, decides. */
  outcomes(record: RunRecord | undefined, cutOff: NodeStatus): NodeOutcome[] {
    const recorded = finalNodes(record);
    const final = new Map(this.#nodes);
    for (const [id, { result, attempt }] of recorded) {
      final.set(id, { result: redactResult(result, this.#redactor), attempt });
    }
    // a shortened record lists what did not succeed; when its counts add up, the rest did
    const restSucceeded = record !== undefined && cutRecordIsComplete(record);
    return this.#order(final).map((id) => {
      const node = final.get(id);
      const reported = node?.result.status ?? 'pending';
      const implied = restSucceeded && !recorded.has(id) && !isSuccessful(reported);
      return {
        ...describeOutcome(this.#planned, id),
        status: implied ? 'succeeded' : atEnd(reported, cutOff),
        seconds: node?.result.seconds ?? null,
        rows: node?.result.rows ?? null,
        failures: node?.result.failures ?? null,
        message: node?.result.message ?? null,
        attempt: node?.attempt ?? 1,
      };
    });
  }

  /** Order of the pipeline, then whatever else was reported. */
  #order(final: ReadonlyMap<string, TrackedNode>): string[] {
    const expected = new Set(this.#planned.expected ?? []);
    const planned = [...this.#planned.known.keys()].filter((id) => expected.has(id) || final.has(id));
    const seen = new Set(planned);
    return [...planned, ...[...expected, ...final.keys()].filter((id) => !seen.has(id) && seen.add(id))];
  }
}

/** The last result of each node in a record; within one attempt the worse result counts. */
export function finalNodes(record: RunRecord | undefined): ReadonlyMap<string, TrackedNode> {
  const final = new Map<string, TrackedNode>();
  for (const { n, nodes } of [...(record?.attempts ?? [])].sort((left, right) => left.n - right.n)) {
    for (const result of nodes) {
      const before = final.get(result.id);
      if (before?.attempt === n && !isSuccessful(before.result.status)) continue;
      final.set(result.id, { result, attempt: n });
    }
  }
  return final;
}

/** True when a record that lists only what did not succeed accounts for each of its planned nodes. */
function cutRecordIsComplete(record: RunRecord): boolean {
  const total = Object.values(record.counts).reduce((sum, count) => sum + count, 0);
  return record.truncated && record.missing.length === 0 && total >= record.planned;
}

function describeOutcome(planned: PlannedNodes, id: string): Pick<NodeOutcome, 'id' | 'name' | 'kind'> {
  const { name, kind } = describeNode(planned, id);
  return { id, name, kind };
}

function atEnd(status: NodeStatus, cutOff: NodeStatus): NodeStatus {
  return status === 'running' ? cutOff : status;
}

function redactResult(result: NodeResult, redactor: Redactor): NodeResult {
  return result.message === null ? result : { ...result, message: redactor.redactText(result.message) };
}
