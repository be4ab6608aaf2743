import assert from 'node:assert/strict';
import type { JobResult } from '@floe/core/execution/job-result';
import { isFinished, isSuccessful } from '@floe/core/execution/node-status';
import type { JobExecution, RunEvent } from '@floe/core/execution/run-events';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { assertNoSecret, assertNoStack, assertSameSet } from '../assertions.js';

/** Everything that was seen of a run. */
export interface ObservedRun {
  readonly events: readonly RunEvent[];
  readonly result: JobResult;
}

/** Follows a run to its end; `onEvent` may act on what happens. */
export async function observe(execution: JobExecution, onEvent?: (event: RunEvent) => void): Promise<ObservedRun> {
  const events: RunEvent[] = [];
  for await (const event of execution) {
    events.push(event);
    onEvent?.(event);
  }
  const result = await execution.result;
  assert.equal(result.key, execution.key);
  return { events, result };
}

/** What holds for every run, however it ended. */
export function assertSound({ events, result }: ObservedRun, secrets: readonly string[]): void {
  const [first] = events.filter(({ type }) => type !== 'waiting' && type !== 'log');
  assert.equal(first?.type, 'submitted', 'the first event is not the submission');
  assert.deepEqual(events.at(-1), { type: 'finished', result }, 'the last event is not the end');
  assert.equal(events.filter(({ type }) => type === 'finished').length, 1);
  assert.notEqual(result.runId, '');
  assert.ok(result.durationMs > 0);
  for (const time of [result.startedAt, result.finishedAt]) {
    assert.ok(time === null || !Number.isNaN(Date.parse(time)), `${String(time)} is no time`);
  }
  assertNoSecret([events, result], secrets);
  for (const node of result.nodes) if (node.message !== null) assertNoStack(node.message);
  if (result.status === 'succeeded') {
    assert.equal(result.error, undefined);
    for (const { id, status } of result.nodes)
      assert.ok(isSuccessful(status), `${id} is ${status} in a run that succeeded`);
    return;
  }
  assert.ok(result.error !== undefined, `a run that ${result.status} has no error`);
  assert.ok(result.error.message !== '' && result.error.resolution !== '');
  assertNoStack(`${result.error.message}\n${result.error.resolution}`);
}

/** Every asset and check of the product has a result. */
export function assertComplete(result: JobResult, pipeline: Pipeline): void {
  const planned = [...pipeline.assets, ...pipeline.checks].map(({ id }) => id);
  assertSameSet(
    result.nodes.map(({ id }) => id),
    planned,
    'nodes of the result',
  );
  for (const { id, status } of result.nodes) assert.ok(isFinished(status), `${id} is still ${status}`);
}

/** The last event of each node says the same as the result. */
export function assertProgress({ events, result }: ObservedRun): void {
  const last = new Map<string, string>();
  for (const event of events) if (event.type === 'node') last.set(event.id, event.status);
  for (const { id, status } of result.nodes)
    assert.equal(last.get(id), status, `the progress of ${id} does not end with its result`);
}

/** Ids of nodes by what became of them. */
export function nodesWith(result: JobResult, ...statuses: readonly string[]): string[] {
  return result.nodes.filter(({ status }) => statuses.includes(status)).map(({ id }) => id);
}
