import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { OrchestratorPluginModule, PythonEnvironmentSpec } from '@floe/core/plugin-interfaces';
import type { PythonEnvironment } from '@floe/core/python/python-environment';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext } from '../command-context.js';
import { timeLimits } from './time-limits.js';

export interface EnvironmentQuestion {
  readonly home: string;
  readonly module: OrchestratorPluginModule;
  readonly adapter: string;
}

/** Where `floe platform lock` keeps the lock of an adapter. */
export function ownLockFile(home: string, orchestrator: string, adapter: string): string {
  return join(home, 'locks', `${orchestrator}-${adapter}.txt`);
}

/** The locked environment of a plugin for an adapter, made when it is missing; progress goes to standard error. */
export async function ensureEnvironment(
  context: CommandContext,
  question: EnvironmentQuestion,
): Promise<PythonEnvironment> {
  const { home } = question;
  const { environment, output, services, signal } = context;
  const log = (line: string): void => {
    output.progress(output.progressStyles.dim(line));
  };
  return services.ensurePythonEnvironment(
    environmentSpec(question),
    { home, log, clock: environment.clock, env: environment.variables },
    { signal, timeoutMs: timeLimits.pythonEnvironment },
  );
}

/** The same environment when it has been made; makes none. */
export async function findEnvironment(
  context: CommandContext,
  question: EnvironmentQuestion,
): Promise<PythonEnvironment | undefined> {
  if (question.module.pythonEnvironment === undefined) return undefined;
  return context.services.findPythonEnvironment(environmentSpec(question), question.home);
}

/** A lock made by `floe platform lock` wins over the plugin's own. */
function environmentSpec({ home, module, adapter }: EnvironmentQuestion): PythonEnvironmentSpec {
  const { name } = module.metadata;
  if (module.pythonEnvironment === undefined) {
    throw new PluginExecutionError({
      code: 'PLUGIN_INCOMPATIBLE',
      message: `The plugin ${name} has no Python environment of its own.`,
      resolution: 'Name an interpreter that has dbt: execution.dbt.python in floe.yaml, or FLOE_DBT_PYTHON.',
    });
  }
  const lockFile = ownLockFile(home, name, adapter);
  if (!existsSync(lockFile)) return module.pythonEnvironment(adapter);
  return { ...module.pythonEnvironment('duckdb'), name: `${name}-${adapter}`, lockFile };
}
