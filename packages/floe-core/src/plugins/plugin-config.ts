import { InputError } from '../errors/floe-error.js';
import { formatKeyPath, type Locator } from '../manifest/key-path.js';
import { schemaProblems } from '../manifest/schema-problems.js';
import type { OrchestratorPluginModule } from '../plugin-interfaces.js';

const configPath = ['plugins', 'orchestrator', 'config'] as const;

/**
 * Checks plugins.orchestrator.config by the plugin's own schema.
 * @param config as it stands in the manifest
 * @param locator finds its keys in the manifest; without it problems carry the key path alone
 * @returns the config with the schema's defaults
 * @throws InputError PLUGIN_CONFIG_INVALID with every finding; values are not repeated, they may be secret
 */
export function checkPluginConfig(
  module: Pick<OrchestratorPluginModule, 'configSchema'>,
  config: Readonly<Record<string, unknown>>,
  locator?: Locator,
): unknown {
  const checked = module.configSchema.safeParse(config);
  if (checked.success) return checked.data;
  const within: Locator = {
    file: locator?.file ?? '',
    locate: (path, part) => {
      const full = [...configPath, ...path];
      return locator === undefined ? { node: formatKeyPath(full) } : locator.locate(full, part);
    },
  };
  const problems = schemaProblems(module.configSchema, config, checked.error.issues, within);
  throw InputError.fromProblems(problems.map((problem) => ({ ...problem, code: 'PLUGIN_CONFIG_INVALID' })));
}
