import { EventQueue } from '../execution/event-queue.js';
import type { JobResult } from '../execution/job-result.js';
import { isFinished } from '../execution/node-status.js';
import type { JobExecution, RunEvent } from '../execution/run-events.js';
import type { OpenNode } from './closing-events.js';

/** What a client saw of a run that ended without a record of the runtime. */
export interface UnreportedEnd {
  readonly result: JobResult;
  /** Nodes that had started and were not seen to end. */
  readonly open: readonly OpenNode[];
}

/**
 * The same execution; `close` is called before its result settles when the run had begun its work and its process could
 * not tell the end: lost, killed by a time limit or a cancellation. A failing `close` changes nothing.
 */
export function withUnreportedEnd(execution: JobExecution, close: (end: UnreportedEnd) => Promise<void>): JobExecution {
  const events = new EventQueue();
  const nodes = new OpenNodes();
  const pump = (async () => {
    for await (const event of execution) {
      nodes.note(event);
      events.push(event);
    }
  })().catch(() => undefined); // the same failure comes from `result`
  const result = (async () => {
    try {
      const end = await execution.result;
      await pump;
      const unreported = end.observers === undefined && end.status !== 'succeeded' && nodes.hasBegun;
      if (unreported) await close({ result: end, open: nodes.open }).catch(() => undefined);
      return end;
    } finally {
      events.close();
    }
  })();
  // a caller that only iterates must not be ended by a rejection that it does not look at
  result.catch(() => undefined);
  return { key: execution.key, result, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
}

class OpenNodes {
  /** Ends seen by node: each is an attempt. */
  readonly #ended = new Map<string, number>();
  readonly #running = new Set<string>();
  #hasBegun = false;

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get open(): OpenNode[] {
    return [...this.#running].map((id) => ({ id, attempt: (this.#ended.get(id) ?? 0) + 1 }));
  }

  note(event: RunEvent): void {
    if (event.type === 'phase') this.#hasBegun ||= event.phase === 'running';
    if (event.type === 'restarted') this.#restart();
    if (event.type !== 'node') return;
    this.#hasBegun = true;
    if (event.status === 'running') this.#running.add(event.id);
    if (!isFinished(event.status)) return;
    this.#running.delete(event.id);
    this.#ended.set(event.id, (this.#ended.get(event.id) ?? 0) + 1);
  }

  /** Another process begins again, with its first attempt. */
  #restart(): void {
    this.#ended.clear();
    this.#running.clear();
  }
}
