import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { InputError } from '../errors/floe-error.js';
import type { Located, ProductSpec } from '../manifest/product-spec.js';

/** The floe.yaml of a folder, or the file itself when its path is given. @throws InputError FILE_NOT_FOUND */
export async function findSpecFile(path: string): Promise<string> {
  const kind = await kindOf(path);
  if (kind === 'file') return path;
  const file = join(path, 'floe.yaml');
  if ((await kindOf(file)) === 'file') return file;
  const other = (await kindOf(join(path, 'floe.yml'))) === 'file';
  throw new InputError({
    code: 'FILE_NOT_FOUND',
    message: kind === 'missing' ? `The folder ${path} does not exist.` : `There is no floe.yaml in ${path}.`,
    resolution: other
      ? 'Rename floe.yml to floe.yaml.'
      : 'Change to the folder of the product, or name it with --project.',
    context: { file },
  });
}

/** The platform manifest: the one asked for, else `platform.manifest` of floe.yaml. @throws InputError */
export async function findManifestFile(asked: string | undefined, spec: Located<ProductSpec>): Promise<string> {
  if (asked !== undefined) return asked;
  const folder = dirname(spec.locator.file);
  const named = spec.value.platform?.manifest;
  if (named === undefined) {
    const beside = (await kindOf(join(folder, 'manifest.yaml'))) === 'file';
    throw InputError.fromProblems([
      {
        code: 'MISSING_VALUE',
        severity: 'error',
        message: 'floe.yaml does not say which platform the product runs on.',
        resolution: beside
          ? 'Add "platform: {manifest: manifest.yaml}" to floe.yaml (there is one beside it), or use --manifest FILE.'
          : 'Add "platform: {manifest: path/to/manifest.yaml}" to floe.yaml, or use --manifest FILE.',
        location: spec.locator.locate(['platform', 'manifest']),
      },
    ]);
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//u.test(named)) {
    throw InputError.fromProblems([
      {
        code: 'INVALID_VALUE',
        severity: 'error',
        message: 'platform.manifest must be a file; registry addresses are not followed.',
        resolution: 'Fetch the manifest first, then name the file here or with --manifest FILE.',
        location: spec.locator.locate(['platform', 'manifest']),
      },
    ]);
  }
  const file = isAbsolute(named) ? named : join(folder, named);
  if ((await kindOf(file)) === 'file') return file;
  throw InputError.fromProblems([
    {
      code: 'FILE_NOT_FOUND',
      severity: 'error',
      message: `The platform manifest was not found: ${file}`,
      resolution: 'Correct platform.manifest (it is relative to floe.yaml), or use --manifest FILE.',
      location: spec.locator.locate(['platform', 'manifest']),
    },
  ]);
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'missing'> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return 'missing';
  return entry.isDirectory() ? 'folder' : 'file';
}
