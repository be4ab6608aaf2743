import { createHash } from 'node:crypto';
import { compiledArtifactsSchema, contractVersion, type CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import type { OrchestrationSchedule, OrchestrationSensor } from '../artifacts/orchestration.js';
import { hasErrors, type Problem } from '../errors/problem.js';
import type { PlatformManifest, PluginSelection } from '../manifest/platform-manifest.js';
import type { ProductSpec } from '../manifest/product-spec.js';
import { annotate } from './annotations.js';
import type { CompileInput } from './compile-input.js';
import { dbtGraph } from './dbt-graph.js';
import { manifestMismatches } from './manifest-mismatch.js';
import { resolveObservability } from './observability.js';
import type { ResolvedSettings } from './settings.js';
import { singleScheduleName } from './trigger-names.js';

/** What a compile gave; `artifacts` is absent when there are errors. */
export interface Compilation {
  readonly artifacts?: CompiledArtifacts;
  readonly problems: readonly Problem[];
}

/** Compiles a product: floe.yaml, manifest.yaml and the dbt manifest become CompiledArtifacts. Pure. */
export function compile(input: CompileInput): Compilation {
  const { settings } = input.resolved;
  const problems = [...input.resolved.problems];
  if (settings === undefined) return { problems };
  const mismatches = manifestMismatches(input.dbtManifest, input.dbtManifestFile, {
    projectName: input.dbtProject.name,
    adapter: settings.compute.type,
  });
  if (mismatches.length > 0) return { problems: [...problems, ...mismatches] };
  const graph = dbtGraph(input.dbtManifest);
  const project = { name: input.dbtProject.name, compute: settings.compute.type };
  const annotated = annotate(graph, input.spec, project);
  problems.push(...graph.problems, ...annotated.problems);
  if (hasErrors(problems)) return { problems };
  const product = input.spec.value;
  const platform = input.manifest.value;
  const artifacts: CompiledArtifacts = {
    version: contractVersion,
    metadata: {
      compiled_at: input.compiledAt,
      floe_version: input.floeVersion,
      source_hash: `sha256:${createHash('sha256').update(input.specText).update(input.manifestText).digest('hex')}`,
      product_name: product.metadata.name,
      product_version: product.metadata.version,
    },
    ...describePlatform(product, platform),
    observability: resolveObservability(product, platform),
    plugins: resolvePlugins(platform, settings),
    transforms:
      annotated.models.length === 0 ? null : { models: [...annotated.models], default_compute: settings.compute.type },
    dbt_profiles: { ...settings.profiles },
    governance: platform.governance ? resolveGovernance(platform.governance) : null,
    enforcement_result: null,
    data_contracts: [],
    quality_config: platform.plugins.quality
      ? compiledArtifactsSchema.shape.quality_config.parse(platform.plugins.quality)
      : null,
    orchestration: {
      schema: 1,
      dbt: {
        project_name: input.dbtProject.name,
        dbt_version: input.dbtManifest.dbtVersion,
        adapter_type: input.dbtManifest.adapterType,
        profile: input.dbtProject.profile,
        vars: { ...settings.vars },
      },
      target: settings.target,
      nodes: [...annotated.nodes],
      checks: [...graph.checks],
      edges: [...graph.edges],
      sources: [...graph.sources],
      exposures: [...graph.exposures],
      schedules: schedulesOf(product),
      sensors: sensorsOf(product),
      execution: settings.execution,
      resources: settings.resources,
    },
  };
  return { artifacts, problems };
}

function describePlatform(
  product: ProductSpec,
  platform: PlatformManifest,
): Pick<CompiledArtifacts, 'identity' | 'mode' | 'inheritance_chain'> {
  const domain = product.metadata.labels?.domain ?? 'default';
  const { scope, metadata } = platform;
  return {
    identity: {
      product_id: `${domain}.${product.metadata.name.replaceAll('-', '_')}`,
      domain,
      repository: '',
      namespace_registered: false,
      registration_timestamp: null,
    },
    mode: scope === 'enterprise' ? 'centralized' : scope === 'domain' ? 'mesh' : 'simple',
    inheritance_chain: scope
      ? [{ name: metadata.name, version: metadata.version, scope, ref: platform.parent_manifest ?? '' }]
      : [],
  };
}

function resolvePlugins(
  platform: PlatformManifest,
  settings: ResolvedSettings,
): NonNullable<CompiledArtifacts['plugins']> {
  const { catalog, storage, ingestion, semantic_layer: semantic, lineage_backend: lineageBackend } = platform.plugins;
  const optional = (selection: PluginSelection | null | undefined) => (selection ? pluginReference(selection) : null);
  return {
    compute: pluginReference(settings.compute),
    orchestrator: pluginReference(settings.orchestrator),
    catalog: optional(catalog),
    storage: optional(storage),
    ingestion: optional(ingestion),
    semantic: optional(semantic),
    lineage_backend: optional(lineageBackend),
  };
}

function pluginReference(selection: PluginSelection): NonNullable<CompiledArtifacts['plugins']>['compute'] {
  return {
    type: selection.type,
    version: selection.version ?? '0.0.0',
    config: selection.config ?? null,
    ...(selection.connection_secret_ref && { connection_secret_ref: selection.connection_secret_ref }),
  };
}

type GovernanceSettings = NonNullable<PlatformManifest['governance']>;

/** The part of the governance settings that the contract carries. */
function resolveGovernance(settings: GovernanceSettings): CompiledArtifacts['governance'] {
  return {
    pii_encryption: settings.pii_encryption ?? null,
    audit_logging: settings.audit_logging ?? null,
    policy_enforcement_level: settings.policy_enforcement_level ?? null,
    data_retention_days: settings.data_retention_days ?? null,
    default_ttl_hours: settings.default_ttl_hours ?? null,
    snapshot_keep_last: settings.snapshot_keep_last ?? null,
    stale_table_recovery_mode: settings.stale_table_recovery_mode ?? null,
  };
}

function schedulesOf(product: ProductSpec): OrchestrationSchedule[] {
  const { schedule, schedules } = product;
  const single: OrchestrationSchedule[] = schedule?.cron
    ? [
        {
          name: singleScheduleName,
          cron: schedule.cron,
          timezone: schedule.timezone,
          enabled: schedule.enabled,
          select: null,
          exclude: null,
        },
      ]
    : [];
  return [
    ...single,
    ...(schedules ?? []).map((entry) => ({ ...entry, select: entry.select ?? null, exclude: entry.exclude ?? null })),
  ];
}

function sensorsOf(product: ProductSpec): OrchestrationSensor[] {
  return (product.sensors ?? []).map((entry) => ({
    ...entry,
    select: entry.select ?? null,
    exclude: entry.exclude ?? null,
  }));
}
