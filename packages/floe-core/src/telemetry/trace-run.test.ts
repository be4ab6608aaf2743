import { SpanKind, SpanStatusCode, type HrTime } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from '@jest/globals';
import { PluginExecutionError } from '../errors/floe-error.js';
import type { JobResult } from '../execution/job-result.js';
import type { JobExecution, RunEvent } from '../execution/run-events.js';
import { startRunTrace } from './trace-run.js';

const about = { product: 'shop', orchestrator: 'simulated', environment: 'dev' };
const run = { runId: 'run-1', url: 'http://orchestrator.example/runs/run-1' };
const succeeded: JobResult = {
  status: 'succeeded',
  key: 'key-1',
  runId: 'run-1',
  url: run.url,
  attempts: [{ n: 1, delay: 0, nodeIds: ['model.shop.a'] }],
  nodes: [
    {
      id: 'model.shop.a',
      name: 'a',
      kind: 'model',
      status: 'succeeded',
      seconds: 1,
      rows: 2,
      failures: null,
      message: 'SECRET-CANARY in a message',
      attempt: 1,
    },
  ],
  logs: [{ at: null, level: 'error', text: 'SECRET-CANARY in a log' }],
  startedAt: null,
  finishedAt: null,
  durationMs: 4_000,
};
const phases: readonly RunEvent[] = [
  { type: 'submitted', run, adopted: false },
  { type: 'phase', phase: 'queued' },
  { type: 'phase', phase: 'starting' },
  { type: 'phase', phase: 'running' },
  { type: 'phase', phase: 'finishing' },
];

/** Plays events at one second each, then ends. */
async function play(events: readonly RunEvent[], end: JobResult | Error): Promise<readonly ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  let now = 1_000_000;
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const trace = startRunTrace(provider.getTracer('test'), about, clock);
  const execution = trace.follow(executionOf(events, end, () => (now += 1_000)));
  const seen: RunEvent[] = [];
  try {
    for await (const event of execution) seen.push(event);
    await execution.result;
  } catch (error) {
    expect(error).toBe(end);
  }
  expect(seen).toEqual(events);
  await provider.forceFlush();
  return exporter.getFinishedSpans();
}

function executionOf(events: readonly RunEvent[], end: JobResult | Error, tick: () => void): JobExecution {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const result = done.then(() => {
    if ('status' in end) return end;
    throw end;
  });
  result.catch(() => undefined);
  return {
    key: 'key-1',
    result,
    async *[Symbol.asyncIterator]() {
      await Promise.resolve();
      for (const event of events) {
        tick();
        yield event;
      }
      tick();
      finish();
    },
  };
}

function seconds([whole, nano]: HrTime): number {
  return whole + nano / 1e9;
}

describe('startRunTrace', () => {
  it('makes one span a run with a child for each phase, end to end', async () => {
    const spans = await play(phases, succeeded);
    const root = spans.find((span) => span.name === 'RUN shop');
    expect(root).toMatchObject({
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'cicd.pipeline.name': 'shop',
        'cicd.pipeline.action.name': 'RUN',
        'cicd.pipeline.result': 'success',
        'cicd.pipeline.run.id': 'run-1',
        'cicd.pipeline.run.url.full': run.url,
        'floe.run.key': 'key-1',
        'floe.run.status': 'succeeded',
        'floe.run.duration_ms': 4_000,
        'floe.run.attempts': 1,
        'floe.run.nodes.succeeded': 1,
      },
    });
    expect(root?.attributes['error.type']).toBeUndefined();
    const children = spans.filter((span) => span !== root);
    expect(children.map((span) => [span.name, seconds(span.duration)])).toEqual([
      ['floe.submit', 2],
      ['floe.queue', 1],
      ['floe.start', 1],
      ['floe.run', 1],
      ['floe.finish', 1],
    ]);
    for (const child of children) expect(child.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
  });

  it.each([
    ['failed', 'RUN_FAILED', 'failure', SpanStatusCode.ERROR],
    ['timed_out', 'RUN_TIMED_OUT', 'timeout', SpanStatusCode.ERROR],
    ['lost', 'RUN_LOST', 'error', SpanStatusCode.ERROR],
    ['cancelled', 'RUN_CANCELLED', 'cancellation', SpanStatusCode.UNSET],
  ] as const)('gives the end %s its code and result', async (status, code, result, spanStatus) => {
    const error = { code, message: 'SECRET-CANARY', resolution: 'SECRET-CANARY', context: {} };
    const spans = await play(phases, { ...succeeded, status, error });
    const root = spans.at(-1);
    expect(root?.attributes).toMatchObject({ 'cicd.pipeline.result': result, 'error.type': code });
    expect(root?.status.code).toBe(spanStatus);
    expect(JSON.stringify(spans.map((span) => [span.attributes, span.status, span.events]))).not.toContain('CANARY');
  });

  it('ends the spans of a run that could not be started', async () => {
    const error = new PluginExecutionError({ code: 'RUN_NOT_STARTED', message: 'SECRET-CANARY', resolution: 'x' });
    const spans = await play([], error);
    expect(spans.map((span) => [span.name, span.attributes['error.type']])).toEqual([
      ['floe.submit', 'RUN_NOT_STARTED'],
      ['RUN shop', 'RUN_NOT_STARTED'],
    ]);
  });

  it('has a traceparent only when there is a trace', () => {
    const clock = { now: () => 0, sleep: () => Promise.resolve() };
    const provider = new TracerProvider({ spanProcessors: [] });
    const on = startRunTrace(provider.getTracer('test'), about, clock);
    expect(on.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/u);
  });
});
