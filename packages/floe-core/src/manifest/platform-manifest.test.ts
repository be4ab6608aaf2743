import { describe, expect, it } from '@jest/globals';
import { formatLocation } from '../errors/problem.js';
import { readPlatformManifest } from './platform-manifest.js';

const head = `apiVersion: floe.dev/v1
kind: Manifest
metadata: {name: acme, version: 1.0.0, owner: platform}
`;
const plugins = `plugins:
  orchestrator: {type: dagster}
  compute: {type: duckdb}
`;
const valid = head + plugins;

function findings(text: string): string[] {
  return readPlatformManifest(text, 'manifest.yaml').problems.map(
    (problem) => `${problem.severity} ${problem.code} ${formatLocation(problem.location ?? {})}`,
  );
}

describe('readPlatformManifest', () => {
  it('reads the smallest file', () => {
    const { document, problems } = readPlatformManifest(valid, 'manifest.yaml');
    expect(problems).toEqual([]);
    expect(document?.value.environment).toBe('dev');
    expect(document?.value.plugins.orchestrator?.type).toBe('dagster');
  });

  it('reads every section, also those that nothing acts on', () => {
    const text = `${head}scope: enterprise
environment: prod
dbt: {target: prod, vars: {full: true}}
execution:
  defaults: {timeout: 600, retries: {max: 1}}
  limits: {timeout: 3600, threads: 8, retries: {max: 3}}
resources:
  webserver: small
  daemon: {preset: medium, limits: {memory: 3Gi}}
allowed_secret_refs: [env:CRM, 'k8s:team/*']
approved_plugins: {orchestrator: [dagster, airflow], secrets: [k8s]}
approved_sinks: [rest]
defaults: {compute: duckdb}
artifacts: {registry: {uri: 'oci://registry.example.com/floe'}}
plugins:
  orchestrator:
    type: airflow
    version: 1.2.3
    package: '@acme/floe-airflow'
    connection_secret_ref: airflow-api
    config: {url: 'https://airflow.example.com', token: env:AIRFLOW_TOKEN}
  compute: {type: postgres, config: {host: db, user: floe, password: "{{ env_var('PGPASSWORD') }}", dbname: dwh}}
  catalog: {type: polaris, config: {uri: 'http://polaris:8181', oauth2: {client_id: a, client_secret: env:S, token_url: 'http://p/token'}}}
  storage: {type: s3, config: {endpoint: 'http://minio:9000', path_style_access: true}}
  semantic_layer: {type: cube}
  ingestion: {type: dlt, version: 0.1.0}
  secrets: {type: k8s}
  telemetry_backend: {type: jaeger}
  lineage_backend: {type: marquez, config: {url: 'http://marquez:5000', allow_insecure_http: true}}
  identity: {type: keycloak}
  dbt: {type: core}
  quality: {provider: dbt}
observability:
  tracing: {exporter: otlp, endpoint: 'http://localhost:4317'}
  lineage: {transport: console}
  logging: {level: DEBUG, format: text}
governance: {policy_enforcement_level: warn, data_retention_days: 30, quality_gates: {minimum_test_coverage: 80}, secret_scanning: {enabled: true}}
resource_presets:
  flat: {cpu_request: 100m, memory_limit: 512Mi}
  nested: {requests: {cpu: 1}, limits: {memory: 1Gi}}
`;
    const { document, problems } = readPlatformManifest(text, 'manifest.yaml');
    expect(problems).toEqual([]);
    expect(document?.value.resource_presets?.nested).toEqual({ requests: { cpu: '1' }, limits: { memory: '1Gi' } });
    expect(document?.value.execution?.limits.retries).toEqual({ max: 3 });
  });

  it('keeps unknown keys at the top with a warning', () => {
    const { document, problems } = readPlatformManifest(`${valid}pluggins: {}\n`, 'manifest.yaml');
    expect(problems).toMatchObject([
      { code: 'UNKNOWN_KEY', severity: 'warning', resolution: 'Did you mean "plugins"?' },
    ]);
    expect(document?.value).toHaveProperty('pluggins');
  });

  it.each<[string, string, string[]]>([
    ['broken YAML', `${valid}environment: "dev\n`, ['error YAML_SYNTAX manifest.yaml:8:1']],
    ['no plugins', head, ['error MISSING_VALUE manifest.yaml:1:1 (plugins)']],
    ['a reserved name', valid.replace('acme', 'floe'), ['error INVALID_VALUE manifest.yaml:3:18 (metadata.name)']],
    [
      'an unknown plugin category',
      `${valid}  orchestrater: {type: a}\n`,
      ['error UNKNOWN_KEY manifest.yaml:7:3 (plugins.orchestrater)'],
    ],
    [
      'an unknown plugin key',
      valid.replace('{type: dagster}', '{type: dagster, conf: {}}'),
      ['error UNKNOWN_KEY manifest.yaml:5:33 (plugins.orchestrator.conf)'],
    ],
    [
      'an empty type',
      valid.replace('type: dagster', "type: ' '"),
      ['error INVALID_VALUE manifest.yaml:5:24 (plugins.orchestrator.type)'],
    ],
    ['an environment key', `${valid}environments: {dev: {}}\n`, ['error UNKNOWN_KEY manifest.yaml:7:1 (environments)']],
    ['another environment', `${valid}environment: test\n`, ['error INVALID_VALUE manifest.yaml:7:14 (environment)']],
    [
      'an unknown limit',
      `${valid}execution: {limits: {timout: 1}}\n`,
      ['error UNKNOWN_KEY manifest.yaml:7:22 (execution.limits.timout)'],
    ],
    [
      'a quantity that is none',
      `${valid}resources: {web: {requests: {cpu: banana}}}\n`,
      ['error INVALID_VALUE manifest.yaml:7:35 (resources.web.requests.cpu)'],
    ],
    [
      'a preset that is none',
      `${valid}resource_presets: {a: {cpu_request: much}}\n`,
      ['error INVALID_VALUE manifest.yaml:7:37 (resource_presets.a.cpu_request)'],
    ],
    [
      'a reference that is none',
      valid.replace('{type: dagster}', "{type: dagster, connection_secret_ref: 'env:a b'}"),
      ['error INVALID_VALUE manifest.yaml:5:56 (plugins.orchestrator.connection_secret_ref)'],
    ],
    [
      'a secret',
      valid.replace('{type: duckdb}', '{type: postgres, config: {password: hunter2}}'),
      ['error SECRET_IN_PLAIN_TEXT manifest.yaml:6:48 (plugins.compute.config.password)'],
    ],
    [
      'an enterprise with a parent (C001)',
      `${valid}scope: enterprise\nparent_manifest: a\n`,
      ['error INVALID_VALUE manifest.yaml:8:1 (parent_manifest)'],
    ],
    ['a domain without a parent (C002)', `${valid}scope: domain\n`, ['error MISSING_VALUE manifest.yaml:7:8 (scope)']],
    [
      'a parent without a scope (C003)',
      `${valid}parent_manifest: a\n`,
      ['error INVALID_VALUE manifest.yaml:7:1 (parent_manifest)'],
    ],
    [
      'approved plugins without enterprise (C004)',
      `${valid}approved_plugins: {}\n`,
      ['error INVALID_VALUE manifest.yaml:7:1 (approved_plugins)'],
    ],
    [
      'approved products without domain (C005)',
      `${valid}approved_products: []\n`,
      ['error INVALID_VALUE manifest.yaml:7:1 (approved_products)'],
    ],
    [
      'approved sinks without enterprise (C006)',
      `${valid}approved_sinks: []\n`,
      ['error INVALID_VALUE manifest.yaml:7:1 (approved_sinks)'],
    ],
    [
      'a retention beyond the contract',
      `${valid}governance: {default_ttl_hours: 9000}\n`,
      ['error INVALID_VALUE manifest.yaml:7:33 (governance.default_ttl_hours)'],
    ],
  ])('refuses %s', (_name, text, expected) => {
    expect(findings(text)).toEqual(expected);
    expect(readPlatformManifest(text, 'manifest.yaml').document).toBeUndefined();
  });
});
