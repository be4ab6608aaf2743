import { z } from 'zod';
import { InputError } from '../errors/floe-error.js';
import type { DeployOptions } from '../plugin-interfaces.js';

/** How a bundle reaches an orchestrator, for plugins.orchestrator.config. */
export const deliverySchema = z.discriminatedUnion('kind', [
  /** A folder that the orchestrator reads; floe writes the bundle into it. */
  z.strictObject({ kind: z.literal('directory'), path: z.string().min(1) }),
  /** A container image that somebody builds from the bundle. */
  z.strictObject({ kind: z.literal('image'), ref: z.string().min(1) }),
  /** A git repository from which the orchestrator takes the bundle. */
  z.strictObject({ kind: z.literal('git'), url: z.string().min(1), ref: z.string().min(1) }),
]);

export type Delivery = z.infer<typeof deliverySchema>;

/**
 * The folder into which a deployment writes; undefined when the bundle comes on another way.
 * @param missing what is said when the manifest does not tell: to whom the bundle comes, and an example of a folder
 */
export function deliveryDirectory(
  delivery: Delivery | undefined,
  options: Pick<DeployOptions, 'directory'>,
  missing: { readonly to: string; readonly example: string },
): string | undefined {
  if (options.directory !== undefined) return options.directory;
  if (delivery === undefined) {
    throw new InputError({
      code: 'MISSING_VALUE',
      message: `The manifest does not say how the bundle comes to ${missing.to}.`,
      resolution: `Set plugins.orchestrator.config.delivery, for example {kind: directory, path: ${missing.example}}.`,
    });
  }
  return delivery.kind === 'directory' ? delivery.path : undefined;
}

/** What is to be done when the orchestrator does not show the bundle. @param inFolder the same for a folder */
export function rollOut(
  delivery: Delivery | undefined,
  options: Pick<DeployOptions, 'directory'>,
  inFolder: string,
): string {
  if (options.directory !== undefined || delivery === undefined || delivery.kind === 'directory') return inFolder;
  return delivery.kind === 'image'
    ? `Build the image ${delivery.ref} from the bundle (\`floe generate\`), roll it out, then deploy again.`
    : `Push the bundle (\`floe generate\`) to ${delivery.url} and roll it out, then deploy again.`;
}
