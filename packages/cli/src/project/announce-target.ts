import type { CommandContext } from '../command-context.js';
import type { OpenProduct } from './open-product.js';

/** Says where a command changes something; always before it does so in staging and prod. */
export function announceTarget(context: CommandContext, { pipeline, orchestrator }: OpenProduct): void {
  const { environment, platform } = pipeline.product;
  const { progressStyles } = context.output;
  const place = `${orchestrator.name} at ${orchestrator.address} (environment ${environment}, manifest ${platform})`;
  context.output.progress(
    environment === 'dev' ? progressStyles.dim(`target: ${place}`) : progressStyles.bold(`target: ${place}`),
  );
}
