import type { Observability } from '../artifacts/observability.js';
import { datasetLocation } from '../lineage/dataset-location.js';
import { datasetNamespace } from '../lineage/dataset-namespace.js';
import { withoutCredentials } from '../lineage/without-credentials.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { compareText } from '../text/compare-text.js';

/** What the observers of a run read from pipeline.json: where lineage and traces go. Holds references, no secret. */
export function observabilityDocument(
  observability: Observability,
  pipeline: Pipeline,
  profiles: Readonly<Record<string, unknown>>,
): unknown {
  const { telemetry, lineage_transport: transport, lineage_endpoint: endpoint } = observability;
  const { product, assets } = pipeline;
  return {
    lineage: {
      enabled: observability.lineage && transport !== 'noop',
      namespace: observability.lineage_namespace,
      endpoint: endpoint === null ? null : withoutCredentials(endpoint),
      // Without an address, http is what the settings of the process make of it.
      transport: transport === 'http' && endpoint === null ? null : transport,
      dataset_namespace: datasetNamespace(datasetLocation(pipeline, profiles)),
      columns: Object.fromEntries(
        [...assets]
          .filter(({ columns }) => observability.lineage && columns.length > 0)
          .sort((left, right) => compareText(left.id, right.id))
          .map(({ id, columns }) => [id, columns.map(({ name, dataType }) => [name, dataType])]),
      ),
      include_messages: observability.lineage_include_messages ?? false,
    },
    telemetry: {
      enabled: telemetry.enabled,
      endpoint: withoutCredentials(telemetry.otlp_endpoint),
      protocol: telemetry.otlp_protocol,
      exporter: telemetry.backend === 'console' ? 'console' : 'otlp',
      sampling: telemetry.sampling[product.environment],
      headers: headerReferences(telemetry.authentication),
      resource: {
        'service.name': 'floe',
        'service.version': telemetry.resource_attributes.service_version,
        'deployment.environment.name': product.environment,
        'floe.namespace': product.platform,
        'floe.product.name': product.name,
        'floe.product.version': product.version,
        'floe.mode': telemetry.resource_attributes.floe_mode,
      },
    },
  };
}

/** Header names with the place of their value, which the process of the run reads. */
function headerReferences(authentication: Observability['telemetry']['authentication']): Record<string, string> {
  if (authentication === null) return {};
  const { auth_type: type, bearer_token: token, api_key: key, header_name: name } = authentication;
  if (type === 'bearer') return token === null ? {} : { [name]: `Bearer ${token}` };
  return key === null ? {} : { [name]: key };
}
