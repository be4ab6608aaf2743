import { z } from 'zod';
import { compiledArtifactsSchema, type CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import { orchestrationSchema, type Orchestration } from '../artifacts/orchestration.js';

/** The parts of an orchestration section that a test cares about; nodes need a unique_id only. */
export interface ExampleOrchestration {
  readonly nodes?: readonly ({ readonly unique_id: string } & Readonly<Record<string, unknown>>)[];
  readonly checks?: readonly ({ readonly unique_id: string } & Readonly<Record<string, unknown>>)[];
  readonly sources?: readonly ({ readonly unique_id: string } & Readonly<Record<string, unknown>>)[];
  readonly exposures?: readonly ({ readonly unique_id: string } & Readonly<Record<string, unknown>>)[];
  readonly edges?: readonly (readonly [string, string])[];
  readonly schedules?: readonly Readonly<Record<string, unknown>>[];
  readonly sensors?: readonly Readonly<Record<string, unknown>>[];
  readonly execution?: Readonly<Record<string, unknown>>;
}

/** A valid orchestration section out of its interesting parts: `model.shop.orders` becomes a table in models/orders.sql. */
export function exampleOrchestration(parts: ExampleOrchestration): Orchestration {
  return orchestrationSchema.parse({
    schema: 1,
    dbt: { project_name: 'shop', dbt_version: '1.11.0', adapter_type: 'duckdb', profile: 'shop' },
    target: 'dev',
    nodes: (parts.nodes ?? []).map((node) => {
      const [type = 'model', home = 'shop', name = node.unique_id, version] = node.unique_id.split('.');
      return {
        resource_type: type,
        name,
        package: home,
        version: version?.replace(/^v/u, '') ?? null,
        materialized: type === 'model' ? 'table' : type,
        file: `${type}s/${name}.${type === 'seed' ? 'csv' : 'sql'}`,
        fqn: [home, name, ...(version === undefined ? [] : [version])],
        relation: { database: 'db', schema: 'main', identifier: name },
        ...node,
      };
    }),
    checks: (parts.checks ?? []).map((check) => {
      const [type = 'test', home = 'shop', name = check.unique_id] = check.unique_id.split('.');
      return {
        name,
        package: home,
        kind: type === 'unit_test' ? 'unit' : 'generic',
        parents: [],
        severity: 'error',
        file: 'models/schema.yml',
        fqn: [home, name],
        ...check,
      };
    }),
    sources: (parts.sources ?? []).map((source) => {
      const [, home = 'shop', sourceName = 'raw', name = source.unique_id] = source.unique_id.split('.');
      return {
        source_name: sourceName,
        name,
        package: home,
        file: 'models/sources.yml',
        fqn: [home, sourceName, name],
        relation: { database: 'db', schema: sourceName, identifier: name },
        ...source,
      };
    }),
    exposures: (parts.exposures ?? []).map((exposure) => ({
      name: exposure.unique_id.split('.').at(-1),
      file: 'models/exposures.yml',
      parents: [],
      ...exposure,
    })),
    edges: parts.edges ?? [],
    schedules: parts.schedules ?? [],
    sensors: parts.sensors ?? [],
    ...(parts.execution !== undefined && { execution: parts.execution }),
  });
}

/** Valid artifacts of the product `shop` around an orchestration section. */
export function exampleArtifacts(parts: ExampleOrchestration): CompiledArtifacts {
  return exampleArtifactsAround(exampleOrchestration(parts));
}

/** Valid artifacts of the product `shop` with the section as it is. */
export function exampleArtifactsAround(orchestration: Orchestration | null): CompiledArtifacts {
  return compiledArtifactsSchema.parse({
    version: '0.11.0',
    metadata: {
      compiled_at: '2026-01-01T00:00:00Z',
      floe_version: '0.1.0',
      source_hash: `sha256:${'0'.repeat(64)}`,
      product_name: 'shop',
      product_version: '1.0.0',
    },
    identity: { product_id: 'default.shop', domain: 'default', repository: '' },
    observability: {
      telemetry: {
        resource_attributes: {
          service_name: 'shop',
          service_version: '1.0.0',
          deployment_environment: 'dev',
          floe_namespace: 'default',
          floe_product_name: 'shop',
          floe_product_version: '1.0.0',
          floe_mode: 'dev',
        },
      },
      lineage_namespace: 'shop',
    },
    orchestration,
  } satisfies z.input<typeof compiledArtifactsSchema>);
}
