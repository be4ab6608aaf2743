import type { Orchestration } from '../artifacts/orchestration.js';
import { closestWord } from '../errors/did-you-mean.js';
import type { Problem } from '../errors/problem.js';
import type { Locator } from '../manifest/key-path.js';
import type { ResourcePresets, ResourceSettings } from '../manifest/resource-settings.js';

type Resources = Orchestration['resources'];
type ComponentResources = Resources[string];
interface Quantities {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}

const builtInPresets: Readonly<Record<string, ComponentResources>> = {
  small: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
  medium: { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '1000m', memory: '1Gi' } },
  large: { requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '2000m', memory: '2Gi' } },
};

/** `resources` of the manifest with presets filled in; presets of the manifest win over small, medium, large. */
export function resolveResources(
  settings: ResourceSettings,
  presets: ResourcePresets,
  locator: Locator,
): { readonly resources: Resources; readonly problems: readonly Problem[] } {
  const known = new Map<string, ComponentResources>([
    ...Object.entries(builtInPresets),
    ...Object.entries(presets).map(([name, preset]): [string, ComponentResources] => [name, nested(preset)]),
  ]);
  const problems: Problem[] = [];
  const resources: Resources = {};
  for (const [component, given] of Object.entries(settings)) {
    const presetName = typeof given === 'string' ? given : given.preset;
    const preset = presetName === undefined ? undefined : known.get(presetName);
    if (presetName !== undefined && preset === undefined) {
      const closest = closestWord(presetName, known.keys());
      problems.push({
        code: 'INVALID_VALUE',
        severity: 'error',
        message: `There is no resource preset "${presetName}".`,
        resolution:
          closest === undefined ? `Known presets: ${[...known.keys()].join(', ')}.` : `Did you mean "${closest}"?`,
        location: locator.locate(
          typeof given === 'string' ? ['resources', component] : ['resources', component, 'preset'],
        ),
      });
      continue;
    }
    const own = typeof given === 'string' ? {} : given;
    resources[component] = {
      requests: quantities({ ...preset?.requests, ...quantities(own.requests ?? {}) }),
      limits: quantities({ ...preset?.limits, ...quantities(own.limits ?? {}) }),
    };
  }
  return { resources, problems };
}

function nested(preset: ResourcePresets[string]): ComponentResources {
  if ('requests' in preset || 'limits' in preset) {
    return { requests: quantities(preset.requests ?? {}), limits: quantities(preset.limits ?? {}) };
  }
  const flat = preset as Readonly<Record<string, string | undefined>>;
  return {
    requests: quantities({ cpu: flat.cpu_request, memory: flat.memory_request }),
    limits: quantities({ cpu: flat.cpu_limit, memory: flat.memory_limit }),
  };
}

function quantities({ cpu, memory }: Quantities): { cpu?: string; memory?: string } {
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}
