import { InputError } from '@floe/core/errors/floe-error';
import type { Locator } from '@floe/core/manifest/key-path';
import { schemaProblems } from '@floe/core/manifest/schema-problems';
import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import type { ManifestFile } from './product-files.js';

const configPath = ['plugins', 'orchestrator', 'config'] as const;

/** Checks plugins.orchestrator.config by the plugin's own schema. @throws InputError with every finding and its place */
export function checkPluginConfig(
  module: OrchestratorPluginModule,
  config: Readonly<Record<string, unknown>>,
  { locator }: ManifestFile,
): unknown {
  const checked = module.configSchema.safeParse(config);
  if (checked.success) return checked.data;
  const within: Locator = {
    file: locator.file,
    locate: (path, part) => locator.locate([...configPath, ...path], part),
  };
  const problems = schemaProblems(module.configSchema, config, checked.error.issues, within);
  throw InputError.fromProblems(problems.map((problem) => ({ ...problem, code: 'PLUGIN_CONFIG_INVALID' })));
}
