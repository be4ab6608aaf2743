import type { Bundle } from '@floe/core/bundle/bundle';
import { join } from 'node:path';
import type { CommandContext } from '../command-context.js';
import { prepareHome, productHome } from './home-directory.js';
import type { OpenProduct } from './open-product.js';
import { timeLimits } from './time-limits.js';

/** Writes the bundle of a product to `directory`, else below the home folder. */
export async function writeBundle(context: CommandContext, product: OpenProduct, directory?: string): Promise<Bundle> {
  const { project, orchestrator, home, pipeline } = product;
  const definitions = orchestrator.plugin.createAssetsFromArtifacts(project.artifacts);
  context.output.warn(definitions.warnings);
  if (directory === undefined) await prepareHome(home);
  return context.services.assembleBundle(
    {
      project,
      definitions,
      orchestrator: orchestrator.name,
      directory:
        directory ??
        join(
          productHome(home, pipeline.product.name),
          'bundles',
          `${orchestrator.name}-${pipeline.product.environment}`,
        ),
    },
    { signal: context.signal, timeoutMs: timeLimits.bundle },
  );
}
