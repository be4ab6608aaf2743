import { assembleBundle } from '@floe/core/bundle/assemble-bundle';
import type { Bundle } from '@floe/core/bundle/bundle';
import { within } from './repository.js';
import type { TestProduct } from './test-product.js';

/** A module that does not exist. */
export const missingModule = 'no_such_module_of_floe';

/** The bundle of a product with a loader that does not import. @param path file of the loader */
export async function brokenBundle(product: TestProduct, path: string): Promise<Bundle> {
  const { definitions, orchestrator } = await product.bundle();
  const files = definitions.files.map((file) =>
    file.path === path ? { ...file, content: `${file.content}\nimport ${missingModule}\n` } : file,
  );
  return assembleBundle(
    {
      project: await product.compile(),
      definitions: { ...definitions, files },
      orchestrator,
      directory: `${product.folder}/.floe/broken`,
    },
    within(60),
  );
}
