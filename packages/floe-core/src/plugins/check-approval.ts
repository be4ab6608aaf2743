import { didYouMean } from '../errors/did-you-mean.js';
import { InputError } from '../errors/floe-error.js';
import type { Problem } from '../errors/problem.js';
import type { Locator } from '../manifest/key-path.js';
import type { PlatformManifest } from '../manifest/platform-manifest.js';

/**
 * Compares the chosen plugins with `approved_plugins` of manifest.yaml, `{category: [type]}`. A category that is not
 * listed is not restricted; an empty list approves nothing.
 */
export function approvalProblems(manifest: PlatformManifest, locator: Locator): Problem[] {
  const approved = manifest.approved_plugins ?? {};
  return Object.entries(manifest.plugins).flatMap(([category, selection]): Problem[] => {
    const types = Object.hasOwn(approved, category) ? approved[category] : undefined;
    const type = typeOf(selection);
    if (types === undefined || type === undefined || types.includes(type)) return [];
    const list = types.length === 0 ? `No ${category} is approved` : `Approved are ${types.join(', ')}`;
    return [
      {
        code: 'PLUGIN_NOT_APPROVED',
        severity: 'error',
        message: `The ${category} "${type}" is not approved on this platform.`,
        resolution: didYouMean(
          type,
          types,
          `${list}: choose another one, or have approved_plugins.${category} extended.`,
        ),
        location: locator.locate(['plugins', category, category === 'quality' ? 'provider' : 'type']),
      },
    ];
  });
}

/** Refuses a manifest with a plugin that it does not approve itself. @throws InputError PLUGIN_NOT_APPROVED */
export function checkApproval(manifest: PlatformManifest, locator: Locator): void {
  const problems = approvalProblems(manifest, locator);
  if (problems.length > 0) throw InputError.fromProblems(problems);
}

function typeOf(selection: PlatformManifest['plugins'][keyof PlatformManifest['plugins']]): string | undefined {
  if (selection === undefined || selection === null) return undefined;
  const name: unknown = 'provider' in selection ? selection.provider : selection.type;
  return typeof name === 'string' ? name : undefined;
}
