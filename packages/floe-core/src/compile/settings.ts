import { closestWord } from '../errors/did-you-mean.js';
import type { Problem } from '../errors/problem.js';
import type { PlatformManifest } from '../manifest/platform-manifest.js';
import type { Located, ProductSpec } from '../manifest/product-spec.js';
import type { Orchestration, OrchestrationExecution } from '../artifacts/orchestration.js';
import { resolveExecution } from './execution.js';
import { generateProfiles, type DbtProfiles } from './profiles.js';
import { resolveResources } from './resources.js';
import { findSecretsNotAllowed } from './secret-permissions.js';

type Plugins = PlatformManifest['plugins'];

/** What the two YAML files say together, before dbt is asked. */
export interface ResolvedSettings {
  readonly compute: NonNullable<Plugins['compute']>;
  readonly orchestrator: NonNullable<Plugins['orchestrator']>;
  readonly target: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly profiles: DbtProfiles;
  readonly execution: OrchestrationExecution;
  readonly resources: Orchestration['resources'];
}

/** Settings, absent when plugins are missing, and every finding. */
export interface SettingsResolution {
  readonly settings?: ResolvedSettings;
  readonly problems: readonly Problem[];
}

/** What of the two files can be resolved without a dbt manifest; `profile` is the name that dbt_project.yml gives. */
export function resolveSettings(
  spec: Located<ProductSpec>,
  manifest: Located<PlatformManifest>,
  profile: string,
): SettingsResolution {
  const { value: product } = spec;
  const { value: platform, locator } = manifest;
  const problems: Problem[] = [
    ...findSecretsNotAllowed(product, platform.allowed_secret_refs ?? [], spec.locator, locator),
    ...unusedSettings(manifest),
  ];
  const { compute, orchestrator } = platform.plugins;
  if (compute === undefined || compute === null) problems.push(missingPlugin('compute', 'duckdb', manifest));
  if (orchestrator === undefined || orchestrator === null)
    problems.push(missingPlugin('orchestrator', 'dagster', manifest));
  const resolved = resolveExecution({
    product: { settings: product.execution ?? {}, locator: spec.locator },
    platform: { defaults: platform.execution?.defaults ?? {}, limits: platform.execution?.limits ?? {}, locator },
  });
  const resources = resolveResources(platform.resources ?? {}, platform.resource_presets ?? {}, locator);
  problems.push(...resolved.problems, ...resources.problems);
  if (!compute || !orchestrator) return { problems };
  const target = platform.dbt?.target ?? platform.environment;
  const generated = generateProfiles({
    profile,
    target,
    productName: product.metadata.name,
    compute,
    locator,
    threads: resolved.execution.threads,
  });
  problems.push(...generated.problems);
  return {
    settings: {
      compute,
      orchestrator,
      target,
      vars: { ...product.dbt?.vars, ...platform.dbt?.vars },
      profiles: generated.profiles,
      execution: resolved.execution,
      resources: resources.resources,
    },
    problems,
  };
}

function missingPlugin(
  category: 'compute' | 'orchestrator',
  example: string,
  manifest: Located<PlatformManifest>,
): Problem {
  const close = closestWord(
    category,
    Object.keys(manifest.value.plugins).filter((key) => key !== category),
  );
  return {
    code: 'MISSING_VALUE',
    severity: 'error',
    message: `The platform has no plugins.${category}.`,
    resolution:
      close === undefined
        ? `Add plugins.${category}.type to manifest.yaml, for example "${example}".`
        : `Rename "${close}" to "${category}".`,
    location: manifest.locator.locate(['plugins', category]),
  };
}

const unusedCategories = [
  'catalog',
  'storage',
  'semantic_layer',
  'ingestion',
  'secrets',
  'telemetry_backend',
  'lineage_backend',
  'identity',
  'quality',
] as const;

/** Settings that are read and kept but that nothing acts on yet: named once. */
function unusedSettings(manifest: Located<PlatformManifest>): Problem[] {
  const { value, locator } = manifest;
  const unused: string[] = unusedCategories
    .filter((category) => Boolean(value.plugins[category]))
    .map((category) => `plugins.${category}`);
  if (value.parent_manifest) unused.push('parent_manifest');
  if (value.artifacts) unused.push('artifacts');
  if (unused.length === 0) return [];
  return [
    {
      code: 'UNKNOWN_KEY',
      severity: 'warning',
      message: `These settings are accepted but have no effect yet: ${unused.join(', ')}.`,
      resolution: 'Nothing to do; the product runs without them.',
      location: locator.locate([...(unused[0]?.split('.') ?? [])], 'key'),
    },
  ];
}
