import type { assembleBundle } from '@floe/core/bundle/assemble-bundle';
import type { compileProject } from '@floe/core/compile/compile-project';
import type { runDbtParse } from '@floe/core/dbt/dbt-parse';
import type { HttpClientFactory } from '@floe/core/http/http-client';
import type { loadOrchestratorPlugin } from '@floe/core/plugins/load-orchestrator-plugin';
import type { ensurePythonEnvironment, findPythonEnvironment } from '@floe/core/python/python-environment';
import type { lockPythonEnvironment } from '@floe/core/python/python-lock';
import type { startTelemetry } from '../telemetry/start-telemetry.js';

/** The steps with side effects; each is loaded when it is first needed. Tests give their own. */
export interface Services {
  readonly compileProject: typeof compileProject;
  readonly runDbtParse: typeof runDbtParse;
  readonly assembleBundle: typeof assembleBundle;
  readonly loadOrchestratorPlugin: typeof loadOrchestratorPlugin;
  readonly ensurePythonEnvironment: typeof ensurePythonEnvironment;
  readonly findPythonEnvironment: typeof findPythonEnvironment;
  readonly lockPythonEnvironment: typeof lockPythonEnvironment;
  readonly createHttpClient: () => Promise<HttpClientFactory>;
  readonly startTelemetry: typeof startTelemetry;
}

/** What the command uses outside of tests. */
export const productionServices: Services = {
  compileProject: async (...input) => (await import('@floe/core/compile/compile-project')).compileProject(...input),
  runDbtParse: async (...input) => (await import('@floe/core/dbt/dbt-parse')).runDbtParse(...input),
  assembleBundle: async (...input) => (await import('@floe/core/bundle/assemble-bundle')).assembleBundle(...input),
  loadOrchestratorPlugin: async (...input) =>
    (await import('@floe/core/plugins/load-orchestrator-plugin')).loadOrchestratorPlugin(...input),
  ensurePythonEnvironment: async (...input) =>
    (await import('@floe/core/python/python-environment')).ensurePythonEnvironment(...input),
  findPythonEnvironment: async (...input) =>
    (await import('@floe/core/python/python-environment')).findPythonEnvironment(...input),
  lockPythonEnvironment: async (...input) =>
    (await import('@floe/core/python/python-lock')).lockPythonEnvironment(...input),
  createHttpClient: async () => (await import('@floe/core/http/axios-http-client')).createHttpClient,
  startTelemetry: async (...input) => (await import('../telemetry/start-telemetry.js')).startTelemetry(...input),
};
