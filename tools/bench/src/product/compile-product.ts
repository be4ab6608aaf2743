import { readFile } from 'node:fs/promises';
import { assembleBundle } from '@floe/core/bundle/assemble-bundle';
import type { Bundle } from '@floe/core/bundle/bundle';
import { compileProject, type CompiledProject } from '@floe/core/compile/compile-project';
import { runDbtParse } from '@floe/core/dbt/dbt-parse';
import { createHttpClient } from '@floe/core/http/axios-http-client';
import type { OrchestratorPlugin, OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { createPlugin } from '@floe/core/plugins/create-plugin';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';

/** A plugin as `floe run` makes it. */
export function openPlugin(
  module: OrchestratorPluginModule,
  config: Readonly<Record<string, unknown>>,
): OrchestratorPlugin {
  return createPlugin(
    module,
    { config },
    {
      secrets: createSecretResolver({ env: {}, readFile: (path) => readFile(path, 'utf8') }),
      http: createHttpClient,
      clock: systemClock,
      random: systemRandom,
      redactor: createRedactor(),
      log: () => undefined,
    },
  );
}

/** Compiles a generated project; dbt parses it when it has not been parsed. */
export function compileGenerated(directory: string, python: string, call: CallOptions): Promise<CompiledProject> {
  return compileProject(
    {
      directory,
      environment: {},
      clock: systemClock,
      parseDbt: (input, parseCall) => runDbtParse({ python, environment: process.env }, input, parseCall),
    },
    call,
  );
}

/** Writes the bundle of a compiled product. */
export function bundleOf(
  project: CompiledProject,
  plugin: OrchestratorPlugin,
  directory: string,
  call: CallOptions,
): Promise<Bundle> {
  const definitions = plugin.createAssetsFromArtifacts(project.artifacts);
  return assembleBundle({ project, definitions, orchestrator: plugin.metadata.name, directory }, call);
}
