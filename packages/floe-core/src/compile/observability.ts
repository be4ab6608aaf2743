import { observabilitySchema, type Observability } from '../artifacts/observability.js';
import type { PlatformManifest } from '../manifest/platform-manifest.js';
import type { ProductSpec } from '../manifest/product-spec.js';

/** Telemetry and lineage settings of a product: off unless the manifest asks for them. */
export function resolveObservability(product: ProductSpec, platform: PlatformManifest): Observability {
  const { tracing, lineage, logging } = platform.observability ?? {};
  const { name, version } = product.metadata;
  return observabilitySchema.parse({
    telemetry: {
      enabled: tracing ? tracing.enabled && tracing.exporter !== 'none' : false,
      ...(tracing?.endpoint && { otlp_endpoint: tracing.endpoint }),
      otlp_protocol: tracing?.protocol ?? protocolOf(tracing?.endpoint),
      ...(tracing?.sampling && { sampling: tracing.sampling }),
      ...(tracing?.authentication && { authentication: tracing.authentication }),
      resource_attributes: {
        service_name: name,
        service_version: version,
        deployment_environment: platform.environment,
        floe_namespace: platform.metadata.name,
        floe_product_name: name,
        floe_product_version: version,
        floe_mode: platform.environment,
      },
      logging: { log_level: logging?.level ?? 'INFO', json_output: (logging?.format ?? 'json') === 'json' },
      backend: platform.plugins.telemetry_backend?.type ?? (tracing?.exporter === 'otlp' ? 'otlp' : 'console'),
    },
    lineage: lineage?.enabled ?? true,
    lineage_namespace: name,
    lineage_endpoint: lineage?.endpoint ?? null,
    lineage_transport: lineage?.transport ?? null,
    ...(lineage?.include_messages === true && { lineage_include_messages: true }),
  });
}

/** 4318 is the port that OpenTelemetry reserves for OTLP over HTTP. */
function protocolOf(endpoint: string | null | undefined): 'grpc' | 'http' {
  return endpoint != null && new URL(endpoint).port === '4318' ? 'http' : 'grpc';
}
