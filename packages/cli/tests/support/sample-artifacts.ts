import { compiledArtifactsSchema, type CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';

/** Models with what they read; a name like `source:orders` is a source. */
export type Reads = Readonly<Record<string, readonly string[]>>;

/** Artifacts of a product called shop by a short notation. `checked` names the models that have a not_null test. */
export function sampleArtifacts(
  reads: Reads,
  checked: readonly string[] = [],
  environment: 'dev' | 'staging' | 'prod' = 'dev',
): CompiledArtifacts {
  const sources = [...new Set(Object.values(reads).flat())].filter((name) => name.startsWith('source:'));
  return compiledArtifactsSchema.parse({
    version: '0.11.0',
    metadata: {
      compiled_at: '2026-11-25T10:00:00Z',
      floe_version: '0.1.0',
      source_hash: 'sha256:00',
      product_name: 'shop',
      product_version: '1.0.0',
    },
    identity: { product_id: 'default.shop', domain: 'default', repository: '' },
    observability: {
      telemetry: {
        resource_attributes: {
          service_name: 'shop',
          service_version: '1.0.0',
          deployment_environment: environment,
          floe_namespace: 'local',
          floe_product_name: 'shop',
          floe_product_version: '1.0.0',
          floe_mode: environment,
        },
      },
      lineage_namespace: 'local',
    },
    plugins: { compute: { type: 'duckdb', version: '1.0.0' }, orchestrator: { type: 'fake', version: '1.0.0' } },
    orchestration: {
      schema: 1,
      dbt: { project_name: 'shop', dbt_version: '1.11.0', adapter_type: 'duckdb', profile: 'shop' },
      target: environment,
      nodes: Object.keys(reads).map((name) => ({
        unique_id: `model.shop.${name}`,
        resource_type: 'model',
        name,
        package: 'shop',
        materialized: 'table',
        file: `models/${name}.sql`,
        fqn: ['shop', name],
      })),
      checks: checked.map((name) => ({
        unique_id: `test.shop.not_null_${name}`,
        name: `not_null_${name}`,
        package: 'shop',
        kind: 'generic',
        parents: [`model.shop.${name}`],
        attached_to: `model.shop.${name}`,
        severity: 'error',
        file: 'models/schema.yml',
      })),
      edges: Object.entries(reads).flatMap(([name, upstream]) => upstream.map((other) => [idOf(other), idOf(name)])),
      sources: sources.map((name) => ({
        unique_id: idOf(name),
        source_name: 'raw',
        name: name.slice('source:'.length),
        package: 'shop',
        file: 'models/sources.yml',
      })),
    },
  });
}

/** The pipeline of such artifacts. */
export function samplePipeline(reads: Reads, checked: readonly string[] = []): Pipeline {
  return requirePipeline(sampleArtifacts(reads, checked));
}

function idOf(name: string): string {
  return name.startsWith('source:') ? `source.shop.raw.${name.slice('source:'.length)}` : `model.shop.${name}`;
}
