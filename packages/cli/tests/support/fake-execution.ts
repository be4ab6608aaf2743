import type { JobResult, NodeOutcome, RunStatus } from '@floe/core/execution/job-result';
import type { JobExecution, RunEvent } from '@floe/core/execution/run-events';
import type { NodeStatus } from '@floe/core/execution/node-status';

/** A result with usual values. */
export function sampleResult(status: RunStatus, overrides: Partial<JobResult> = {}): JobResult {
  return {
    status,
    key: 'key-1',
    runId: 'run-1',
    url: 'http://127.0.0.1:3000/runs/run-1',
    attempts: [],
    nodes: [],
    logs: [],
    startedAt: '2026-11-25T10:00:00Z',
    finishedAt: '2026-11-25T10:00:02Z',
    durationMs: 2000,
    ...overrides,
  };
}

/** One node of a result. */
export function sampleNode(name: string, status: NodeStatus, overrides: Partial<NodeOutcome> = {}): NodeOutcome {
  return {
    id: `model.shop.${name}`,
    name,
    kind: 'model',
    status,
    seconds: 0.25,
    rows: 3,
    failures: null,
    message: null,
    attempt: 1,
    ...overrides,
  };
}

/** A run that gives these events and then ends; with an error it could not be observed. */
export function sampleExecution(events: readonly RunEvent[], end: JobResult | Error): JobExecution {
  const result = 'status' in end ? Promise.resolve(end) : Promise.reject(end);
  result.catch(() => undefined);
  return {
    key: 'key-1',
    result,
    async *[Symbol.asyncIterator]() {
      for (const event of events) yield await Promise.resolve(event);
      yield { type: 'finished', result: await result } as const;
    },
  };
}
