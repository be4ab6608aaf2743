import { resolve } from 'node:path';
import type { CompiledProject } from '@floe/core/compile/compile-project';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { CommandContext } from '../command-context.js';
import { registerProfileSecrets } from '../secrets/environment-secrets.js';
import { parseDbtProject } from './dbt-python.js';
import { homeOf } from './open-local-platform.js';
import { manifestOptionOf } from './product-files.js';
import { timeLimits } from './time-limits.js';

/** A product that was compiled; its warnings were shown. */
export interface CompiledProduct {
  readonly project: CompiledProject;
  readonly pipeline: Pipeline;
  readonly home: string;
}

/** Compiles the product of this command; dbt parses the project first when its manifest is missing or old. */
export async function compileProduct(context: CommandContext): Promise<CompiledProduct> {
  const { environment, output, services, signal } = context;
  const manifest = manifestOptionOf(context);
  const project = await services.compileProject(
    {
      directory: resolve(environment.directory, context.globals.project ?? '.'),
      ...(manifest !== undefined && { manifest }),
      environment: environment.variables,
      clock: environment.clock,
      parseDbt: (input, call) => parseDbtProject(context, input, call),
    },
    { signal, timeoutMs: timeLimits.compile },
  );
  registerProfileSecrets(project.profiles, environment.variables, context.redactor);
  output.warn(project.problems);
  return { project, pipeline: project.pipeline, home: homeOf(context) };
}
