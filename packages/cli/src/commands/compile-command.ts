import { writeArtifacts } from '@floe/core/artifacts/write-artifacts';
import { join, resolve } from 'node:path';
import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { prepareHome, productHome } from '../project/home-directory.js';
import { openProduct } from '../project/open-product.js';
import { writeTextFile } from '../project/write-text-file.js';

export interface CompileOptions {
  readonly artifacts?: string | undefined;
}

/** `floe compile`: every rule is checked, those of the orchestrator included; then the artifacts are written. */
export async function compileCommand(context: CommandContext, options: CompileOptions): Promise<CommandResult> {
  const product = await openProduct(context, { connect: false });
  const { project, pipeline, orchestrator } = product;
  const definitions = orchestrator.plugin.createAssetsFromArtifacts(project.artifacts);
  context.output.warn(definitions.warnings);
  const text = writeArtifacts(project.artifacts);
  const counts = {
    assets: definitions.assets.length,
    checks: definitions.checks.length,
    jobs: definitions.jobs.length,
    schedules: definitions.schedules.length,
    sensors: definitions.sensors.length,
  };
  if (options.artifacts === '-') return { exitCode: 0, text, result: project.artifacts };
  const file =
    options.artifacts === undefined
      ? join(productHome(product.home, pipeline.product.name), 'compiled_artifacts.json')
      : resolve(context.environment.directory, options.artifacts);
  if (options.artifacts === undefined) await prepareHome(product.home);
  await writeTextFile(file, text);
  const summary = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([name, number]) => `${number} ${number === 1 ? name.slice(0, -1) : name}`)
    .join(', ');
  return {
    exitCode: 0,
    text: `compiled ${pipeline.product.name} ${pipeline.product.version} for ${orchestrator.name} (${pipeline.product.environment}): ${summary}\n${file}`,
    result: {
      product: pipeline.product,
      orchestrator: orchestrator.name,
      artifacts: file,
      counts,
      warnings: [...project.problems, ...definitions.warnings],
    },
  };
}
