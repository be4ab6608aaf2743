import { findManifestFile } from '@floe/core/compile/find-project';
import { InputError } from '@floe/core/errors/floe-error';
import { hasErrors } from '@floe/core/errors/problem';
import type { Locator } from '@floe/core/manifest/key-path';
import { readPlatformManifest, type PlatformManifest } from '@floe/core/manifest/platform-manifest';
import { readProductSpec, type Located, type ProductSpec } from '@floe/core/manifest/product-spec';
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { CommandContext } from '../command-context.js';

/** The floe.yaml of a command: `--project` names its folder or the file itself; default is the working directory. */
export function specFileOf(context: CommandContext): string {
  const path = resolve(context.environment.directory, context.globals.project ?? '.');
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : join(path, 'floe.yaml');
}

/** The folder of floe.yaml. */
export function projectDirectoryOf(context: CommandContext): string {
  return dirname(specFileOf(context));
}

/** The manifest that `--manifest` names, as an absolute path. */
export function manifestOptionOf(context: CommandContext): string | undefined {
  const { manifest } = context.globals;
  return manifest === undefined ? undefined : resolve(context.environment.directory, manifest);
}

/** The manifest of a command; what needs no dbt project reads only this. */
export interface ManifestFile {
  readonly file: string;
  readonly manifest: PlatformManifest;
  /** Finds lines and columns of its keys. */
  readonly locator: Locator;
}

/**
 * Finds and reads the platform manifest: `--manifest`, else platform.manifest of floe.yaml.
 * @returns undefined when there is neither a floe.yaml nor the option
 * @throws InputError with every finding
 */
export async function findManifest(context: CommandContext): Promise<ManifestFile | undefined> {
  const option = manifestOptionOf(context);
  if (option !== undefined) return readManifestFile(option);
  const spec = await readSpec(context);
  return spec === undefined ? undefined : readManifestFile(resolve(await findManifestFile(undefined, spec)));
}

/** Like `findManifest`, for commands that cannot do without one. @throws InputError MISSING_VALUE, FILE_NOT_FOUND */
export async function requireManifest(context: CommandContext): Promise<ManifestFile> {
  const found = await findManifest(context);
  if (found !== undefined) return found;
  throw new InputError({
    code: 'FILE_NOT_FOUND',
    message: `There is no floe.yaml in ${projectDirectoryOf(context)}.`,
    resolution:
      'Change to the folder of the product, or name it with --project, or name a platform manifest with --manifest.',
  });
}

/** floe.yaml of a command, or undefined when there is none. @throws InputError with every finding */
export async function readSpec(context: CommandContext): Promise<Located<ProductSpec> | undefined> {
  const file = specFileOf(context);
  if (!existsSync(file)) return undefined;
  const { document, problems } = readProductSpec(await readFile(file, 'utf8'), file);
  if (document === undefined || hasErrors(problems)) throw InputError.fromProblems(problems);
  return document;
}

async function readManifestFile(file: string): Promise<ManifestFile> {
  const { document, problems } = readPlatformManifest(await readFile(file, 'utf8'), file);
  if (document === undefined || hasErrors(problems)) throw InputError.fromProblems(problems);
  return { file, manifest: document.value, locator: document.locator };
}
