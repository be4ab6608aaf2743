import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Writes a line a span, for `exporter: console`; standard output belongs to the result of the command. */
export function createLineExporter(write: (line: string) => void): SpanExporter {
  return {
    export(spans, done) {
      for (const span of spans) write(describe(span));
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: () => Promise.resolve(),
  };
}

function describe(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  const [seconds, nanoseconds] = span.duration;
  const details = { trace: traceId, span: spanId, seconds: seconds + nanoseconds / 1e9, ...span.attributes };
  return `span ${span.name} ${JSON.stringify(details)}`;
}
