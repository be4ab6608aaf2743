import type { NodeResult, RunRecord } from '@floe/core/execution/run-record';
import { nodeResultSchema, runRecordSchema } from '@floe/core/execution/run-record';
import type { RunRequest } from '@floe/core/execution/run-request';
import type { NodeStatus } from '@floe/core/execution/node-status';
import type { Pipeline } from '@floe/core/pipeline/pipeline';

/** A product that the reference orchestrator has, and how its nodes behave. */
export interface ReferenceProduct {
  readonly pipeline: Pipeline;
  readonly bundleHash: string;
  readonly nodeMs: number;
  /** Message by unique_id of the nodes that fail. */
  readonly failing: ReadonlyMap<string, string>;
}

interface PlannedNode {
  readonly id: string;
  readonly parents: readonly string[];
}

/** One run in real time, one node after the other. */
export class SimulatedRun {
  readonly id: string;
  readonly request: RunRequest;
  readonly results: NodeResult[] = [];
  readonly log: string[] = [];
  readonly startedAt = new Date().toISOString();
  finishedAt: string | null = null;
  record: RunRecord | undefined;
  readonly #product: ReferenceProduct;
  readonly #plan: readonly PlannedNode[];
  #stopped: 'cancelled' | 'timed_out' | undefined;
  #wake: () => void = () => undefined;

  constructor(id: string, request: RunRequest, product: ReferenceProduct, parent: SimulatedRun | undefined) {
    this.id = id;
    this.request = request;
    this.#product = product;
    const done =
      parent === undefined
        ? undefined
        : new Set(
            parent
              .finished()
              .filter(isGreen)
              .map((node) => node.id),
          );
    this.#plan = planOf(product.pipeline, request).filter((node) => done?.has(node.id) !== true);
    void this.#work();
  }

  stop(reason: 'cancelled' | 'timed_out'): void {
    this.#stopped ??= reason;
    this.#wake();
  }

  /** The last result of each node. */
  finished(): NodeResult[] {
    return [...new Map(this.results.map((result) => [result.id, result])).values()];
  }

  async #work(): Promise<void> {
    const limit = this.request.timeout ?? this.#product.pipeline.execution.timeout;
    const timer = setTimeout(() => {
      this.stop('timed_out');
    }, limit * 1_000);
    const bad = new Set<string>();
    for (const node of this.#plan) {
      if (this.#stopped !== undefined) break;
      if (node.parents.some((parent) => bad.has(parent))) {
        bad.add(node.id);
        this.#add(node.id, 'skipped', null);
        continue;
      }
      this.#add(node.id, 'running', null);
      await this.#pause();
      const message = this.#product.failing.get(node.id);
      if (message !== undefined) bad.add(node.id);
      if (this.#isStopped()) this.#add(node.id, 'cancelled', null);
      else if (message === undefined) this.#add(node.id, 'succeeded', null);
      else this.#add(node.id, 'failed', message);
    }
    clearTimeout(timer);
    this.finishedAt = new Date().toISOString();
    this.record = this.#makeRecord(bad.size > 0);
  }

  #isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#product.nodeMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #add(id: string, status: NodeStatus, message: string | null): void {
    this.results.push(nodeResultSchema.parse({ id, status, seconds: status === 'running' ? null : 0.01, message }));
    this.log.push(`${id} ${status}`);
  }

  #makeRecord(hasFailed: boolean): RunRecord {
    const nodes = this.finished();
    const done = new Set(nodes.map(({ id }) => id));
    return runRecordSchema.parse({
      protocol: 1,
      key: this.request.key,
      bundle_hash: this.#product.bundleHash,
      planned: this.#plan.length,
      missing: this.#plan.map(({ id }) => id).filter((id) => !done.has(id)),
      attempts: [{ n: 1, nodes }],
      outcome: this.#stopped ?? (hasFailed ? 'failed' : 'succeeded'),
      started_at: this.startedAt,
      finished_at: this.finishedAt,
    });
  }
}

function planOf(pipeline: Pipeline, request: RunRequest): PlannedNode[] {
  const wanted = request.ids === null ? undefined : new Set(request.ids);
  const nodes = [
    ...pipeline.assets.map(({ id, upstream }) => ({ id, parents: upstream })),
    ...(request.checks ? pipeline.checks : []).map(({ id, primary, additional }) => ({
      id,
      parents: primary === null ? additional : [primary, ...additional],
    })),
  ];
  return nodes.filter(({ id }) => wanted?.has(id) !== false);
}

function isGreen({ status }: NodeResult): boolean {
  return status === 'succeeded' || status === 'warned';
}
