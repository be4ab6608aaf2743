import { describe, expect, it } from '@jest/globals';
import { requirePipeline } from '../pipeline/to-pipeline.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { observabilityDocument } from './observability-document.js';

const artifacts = exampleArtifacts({
  nodes: [
    { unique_id: 'model.shop.b', columns: [{ name: 'id', data_type: 'integer', description: '' }] },
    { unique_id: 'model.shop.a' },
  ],
});
const profiles = { shop: { target: 'dev', outputs: { dev: { type: 'duckdb', path: '/home/jane/shop.duckdb' } } } };

function document(settings: object, telemetry: object = {}): unknown {
  const { observability } = artifacts;
  const changed = { ...observability, ...settings, telemetry: { ...observability.telemetry, ...telemetry } };
  return observabilityDocument(changed, requirePipeline(artifacts), profiles);
}

describe('observabilityDocument', () => {
  it('says where lineage goes, and what the tables are called', () => {
    expect(document({ lineage_endpoint: 'http://u:canary@marquez:5000' })).toMatchObject({
      lineage: {
        enabled: true,
        namespace: 'shop',
        endpoint: 'http://marquez:5000',
        transport: null,
        dataset_namespace: 'duckdb://default/dev/shop',
        columns: { 'model.shop.b': [['id', 'integer']] },
        include_messages: false,
      },
    });
  });

  it('switches lineage off, and has no columns then', () => {
    expect(document({ lineage: false })).toMatchObject({ lineage: { enabled: false, columns: {} } });
    expect(document({ lineage_transport: 'noop' })).toMatchObject({ lineage: { enabled: false } });
  });

  it('leaves http without an address to the settings of the process', () => {
    expect(document({ lineage_transport: 'http' })).toMatchObject({ lineage: { transport: null, endpoint: null } });
  });

  it('names the place of the collector’s credentials, never their value', () => {
    const authentication = {
      auth_type: 'bearer',
      bearer_token: 'env:COLLECTOR_TOKEN',
      api_key: null,
      header_name: 'Authorization',
    };
    expect(
      document({}, { backend: 'otlp', authentication, sampling: { dev: 0.25, staging: 1, prod: 1 } }),
    ).toMatchObject({
      telemetry: {
        enabled: true,
        endpoint: 'http://localhost:4317',
        protocol: 'grpc',
        exporter: 'otlp',
        sampling: 0.25,
        headers: { Authorization: 'Bearer env:COLLECTOR_TOKEN' },
        resource: { 'service.name': 'floe', 'floe.product.name': 'shop', 'deployment.environment.name': 'dev' },
      },
    });
    const key = { ...authentication, auth_type: 'api_key', api_key: 'env:KEY', header_name: 'x-api-key' };
    expect(document({}, { authentication: key })).toMatchObject({ telemetry: { headers: { 'x-api-key': 'env:KEY' } } });
  });

  it('does not name a home folder', () => {
    expect(JSON.stringify(document({}))).not.toContain('jane');
  });
});
