import type { Pipeline } from '@floe/core/pipeline/pipeline';
import type { CompiledProject } from '@floe/core/compile/compile-project';
import type { CommandContext } from '../command-context.js';
import { compileProduct } from './compile-product.js';
import { openOrchestrator, type OpenOptions, type Orchestrator } from './open-orchestrator.js';

/** A compiled product together with the orchestrator that it belongs to. */
export interface OpenProduct {
  readonly project: CompiledProject;
  readonly pipeline: Pipeline;
  readonly orchestrator: Orchestrator;
  readonly home: string;
}

/** Compiles the product and opens its orchestrator's plugin. @throws InputError, PluginExecutionError */
export async function openProduct(context: CommandContext, options: OpenOptions): Promise<OpenProduct> {
  const { project, pipeline, home } = await compileProduct(context);
  const { value: manifest, locator } = project.manifest;
  const orchestrator = await openOrchestrator(context, { file: project.manifestFile, manifest, locator }, options);
  return { project, pipeline, orchestrator, home };
}
