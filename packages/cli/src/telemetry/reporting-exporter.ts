import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

type Export = Parameters<SpanExporter['export']>;

/** Passes spans on and counts those that were not taken, so that a lost trace is never silent. */
export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  #lost = 0;

  constructor(exporter: SpanExporter) {
    this.#exporter = exporter;
  }

  /** Spans that the collector did not take. */
  get lost(): number {
    return this.#lost;
  }

  export(spans: ReadableSpan[], done: Export[1]): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.#lost += spans.length;
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
