import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Span, type Tracer } from '@opentelemetry/api';
import { FloeError } from '../errors/floe-error.js';
import { EventQueue } from '../execution/event-queue.js';
import type { JobResult } from '../execution/job-result.js';
import type { JobExecution, RunEvent } from '../execution/run-events.js';
import type { Clock } from '../time/clock.js';
import { attributes } from './attributes.js';
import { pipelineResultOf } from './pipeline-result.js';

/** What the span of a run is about. */
export interface TracedRun {
  readonly product: string;
  readonly orchestrator: string;
  readonly environment: string;
}

/** The client's span of one run, open until the run has ended. */
export interface RunTrace {
  /** W3C traceparent for RunRequest, so that the spans at the orchestrator join this trace; undefined when off. */
  readonly traceparent: string | undefined;
  /** The same execution, with a span for each of its phases. */
  follow(execution: JobExecution): JobExecution;
  /** Ends the span of a run that could not even begin. */
  fail(error: unknown): void;
}

type Phase = 'submit' | 'queue' | 'start' | 'run' | 'finish' | 'cancel';

const phaseNames = {
  queued: 'queue',
  starting: 'start',
  running: 'run',
  finishing: 'finish',
  cancelling: 'cancel',
} as const;

/** Opens the span of a run (REQ-027). With a tracer that is off, everything passes through. */
export function startRunTrace(tracer: Tracer, run: TracedRun, clock: Clock): RunTrace {
  const root = tracer.startSpan(
    `RUN ${run.product}`,
    {
      kind: SpanKind.CLIENT,
      startTime: clock.now(),
      attributes: {
        [attributes.pipelineName]: run.product,
        [attributes.pipelineAction]: 'RUN',
        [attributes.orchestrator]: run.orchestrator,
        [attributes.environment]: run.environment,
      },
    },
    ROOT_CONTEXT,
  );
  const phases = new PhaseSpans(tracer, root, clock);
  return {
    traceparent: traceparentOf(root),
    follow: (execution) => followTraced(execution, root, phases, clock),
    fail: (error) => {
      endWithError(root, phases, error, clock);
    },
  };
}

function traceparentOf(span: Span): string | undefined {
  const context = span.spanContext();
  if (!trace.isSpanContextValid(context)) return undefined;
  const sampled = (context.traceFlags & TraceFlags.SAMPLED) !== 0;
  return `00-${context.traceId}-${context.spanId}-${sampled ? '01' : '00'}`;
}

function followTraced(execution: JobExecution, root: Span, phases: PhaseSpans, clock: Clock): JobExecution {
  root.setAttribute(attributes.runKey, execution.key);
  phases.enter('submit');
  const events = new EventQueue();
  const pump = (async () => {
    for await (const event of execution) {
      note(event, root, phases);
      events.push(event);
    }
  })().catch(() => undefined); // the same failure comes from `result`
  const result = (async () => {
    try {
      const end = await execution.result;
      await pump;
      endWithResult(root, phases, end, clock);
      return end;
    } catch (error) {
      endWithError(root, phases, error, clock);
      throw error;
    } finally {
      events.close();
    }
  })();
  // a caller that only iterates must not be ended by a rejection that it does not look at
  result.catch(() => undefined);
  return { key: execution.key, result, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
}

function note(event: RunEvent, root: Span, phases: PhaseSpans): void {
  if (event.type === 'phase') phases.enter(phaseNames[event.phase]);
  if (event.type !== 'submitted' && event.type !== 'restarted') return;
  root.setAttribute(attributes.pipelineRunId, event.run.runId);
  if (event.run.url !== null) root.setAttribute(attributes.pipelineRunUrl, event.run.url);
  if (event.type === 'submitted') root.setAttribute(attributes.runAdopted, event.adopted);
}

function endWithResult(root: Span, phases: PhaseSpans, result: JobResult, clock: Clock): void {
  root.setAttributes({
    [attributes.pipelineResult]: pipelineResultOf(result.status),
    [attributes.pipelineRunId]: result.runId,
    [attributes.runStatus]: result.status,
    [attributes.runDuration]: result.durationMs,
    [attributes.runAttempts]: result.attempts.length,
  });
  for (const [status, count] of countByStatus(result)) root.setAttribute(`${attributes.nodesPrefix}${status}`, count);
  const code = result.error?.code;
  phases.end(code);
  if (code !== undefined) root.setAttribute(attributes.errorType, code);
  // a cancelled run did what it was told
  if (result.status !== 'succeeded' && result.status !== 'cancelled') {
    root.setStatus({ code: SpanStatusCode.ERROR, message: code ?? result.status });
  }
  root.end(clock.now());
}

function endWithError(root: Span, phases: PhaseSpans, error: unknown, clock: Clock): void {
  const code = FloeError.isInstance(error) ? error.code : 'INTERNAL';
  phases.end(code);
  root.setAttributes({ [attributes.pipelineResult]: 'error', [attributes.errorType]: code });
  root.setStatus({ code: SpanStatusCode.ERROR, message: code });
  root.end(clock.now());
}

function countByStatus(result: JobResult): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of result.nodes) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
}

/** One child span at a time: a phase ends where the next begins. */
class PhaseSpans {
  readonly #tracer: Tracer;
  readonly #root: Span;
  readonly #clock: Clock;
  #open: { readonly phase: Phase; readonly span: Span } | undefined;

  constructor(tracer: Tracer, root: Span, clock: Clock) {
    this.#tracer = tracer;
    this.#root = root;
    this.#clock = clock;
  }

  enter(phase: Phase): void {
    if (this.#open?.phase === phase) return;
    const now = this.#clock.now();
    this.#open?.span.end(now);
    const parent = trace.setSpan(ROOT_CONTEXT, this.#root);
    const span = this.#tracer.startSpan(`floe.${phase}`, { kind: SpanKind.INTERNAL, startTime: now }, parent);
    this.#open = { phase, span };
  }

  end(errorCode: string | undefined): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (errorCode !== undefined) open.span.setAttribute(attributes.errorType, errorCode);
    open.span.end(this.#clock.now());
  }
}
