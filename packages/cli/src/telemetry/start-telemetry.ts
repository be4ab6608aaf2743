import { trace } from '@opentelemetry/api';
import type { Observability } from '@floe/core/artifacts/observability';
import type { SecretResolver } from '@floe/core/secrets/secret-resolver';
import type { Clock } from '@floe/core/time/clock';
import { collectorHeaders } from './collector-headers.js';
import { createLineExporter } from './line-exporter.js';
import { ReportingExporter } from './reporting-exporter.js';
import type { Telemetry } from './telemetry.js';

/** Traces never hold up a command for longer than this. */
const shutdownLimitMs = 3_000;
const secretLimitMs = 5_000;

export interface TelemetryInput {
  readonly settings: Observability['telemetry'];
  readonly secrets: SecretResolver;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Says in one line what became of the traces, when something did not work. */
  readonly log: (line: string) => void;
}

/**
 * Starts OpenTelemetry as the artifacts say (REQ-027). Off, or without credentials that can be read, the tracer does
 * nothing; a collector that is away neither delays nor fails the command.
 */
export async function startTelemetry(input: TelemetryInput): Promise<Telemetry> {
  const { settings, log, clock } = input;
  if (!settings.enabled) return silent();
  const headers = await collectorHeaders(settings.authentication, input.secrets, {
    signal: input.signal,
    timeoutMs: secretLimitMs,
  });
  if (!headers.ok) {
    log(`traces are off: ${headers.failure.message}`);
    return silent();
  }
  const [
    { NodeSDK },
    { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler },
    { resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new ReportingExporter(
    settings.backend === 'console' ? createLineExporter(log) : await createOtlpExporter(settings, headers.value),
  );
  const batch = settings.batch_processor;
  const sdk = new NodeSDK({
    resource: resourceFromAttributes(resourceAttributes(settings)),
    autoDetectResources: false,
    instrumentations: [],
    sampler: new ParentBasedSampler({
      root: new TraceIdRatioBasedSampler(settings.sampling[settings.resource_attributes.deployment_environment]),
    }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: batch.max_queue_size,
        maxExportBatchSize: batch.max_export_batch_size,
        scheduledDelayMillis: batch.schedule_delay_millis,
        exportTimeoutMillis: Math.min(batch.export_timeout_millis, shutdownLimitMs),
      }),
    ],
  });
  sdk.start();
  return {
    tracer: trace.getTracer('floe'),
    async shutdown() {
      const stopped = sdk.shutdown().then(
        () => true,
        () => true,
      );
      const inTime = await Promise.race([stopped, clock.sleep(shutdownLimitMs).then(() => false)]);
      trace.disable();
      if (!inTime || exporter.lost > 0) {
        log(`traces could not be sent to ${new URL(settings.otlp_endpoint).origin}; the run itself is not affected`);
      }
    },
  };
}

function silent(): Telemetry {
  return { tracer: trace.getTracer('floe'), shutdown: () => Promise.resolve() };
}

async function createOtlpExporter(
  settings: Observability['telemetry'],
  headers: Readonly<Record<string, string>>,
): Promise<import('@opentelemetry/sdk-trace').SpanExporter> {
  const timeoutMillis = shutdownLimitMs;
  if (settings.otlp_protocol === 'http') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    return new OTLPTraceExporter({ url: tracesUrl(settings.otlp_endpoint), headers: { ...headers }, timeoutMillis });
  }
  const [{ OTLPTraceExporter }, { Metadata }] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-grpc'),
    import('@grpc/grpc-js'),
  ]);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new OTLPTraceExporter({ url: settings.otlp_endpoint, metadata, timeoutMillis });
}

/** OTLP over HTTP takes traces at /v1/traces below the collector's address. */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (!url.pathname.endsWith('/v1/traces')) url.pathname = `${url.pathname.replace(/\/$/u, '')}/v1/traces`;
  return url.toString();
}

function resourceAttributes(settings: Observability['telemetry']): Record<string, string> {
  const of = settings.resource_attributes;
  return {
    'service.name': 'floe',
    'service.version': of.service_version,
    'deployment.environment.name': of.deployment_environment,
    'floe.namespace': of.floe_namespace,
    'floe.product.name': of.floe_product_name,
    'floe.product.version': of.floe_product_version,
    'floe.mode': of.floe_mode,
  };
}
