import { InputError } from '@floe/core/errors/floe-error';
import { hasErrors } from '@floe/core/errors/problem';
import { readPlatformManifest, type PlatformManifest } from '@floe/core/manifest/platform-manifest';
import { readProductSpec, type ProductSpec } from '@floe/core/manifest/product-spec';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { CommandContext } from '../command-context.js';

/** The folder that `--project` names, else the working directory. */
export function projectDirectoryOf(context: CommandContext): string {
  return resolve(context.environment.directory, context.globals.project ?? '.');
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
}

/**
 * Finds and reads the platform manifest: `--manifest`, else platform.manifest of floe.yaml.
 * @returns undefined when there is neither a floe.yaml nor the option
 * @throws InputError with every finding
 */
export async function findManifest(context: CommandContext): Promise<ManifestFile | undefined> {
  const option = manifestOptionOf(context);
  if (option !== undefined) return { file: option, manifest: await readManifest(option) };
  const specFile = join(projectDirectoryOf(context), 'floe.yaml');
  if (!existsSync(specFile)) return undefined;
  const spec = await readSpec(specFile);
  const named = spec.platform?.manifest;
  if (named === undefined) return undefined;
  const file = resolve(dirname(specFile), named);
  return { file, manifest: await readManifest(file) };
}

async function readManifest(file: string): Promise<PlatformManifest> {
  const { document, problems } = readPlatformManifest(await readFile(file, 'utf8'), file);
  if (document === undefined || hasErrors(problems)) throw InputError.fromProblems(problems);
  return document.value;
}

async function readSpec(file: string): Promise<ProductSpec> {
  const { document, problems } = readProductSpec(await readFile(file, 'utf8'), file);
  if (document === undefined || hasErrors(problems)) throw InputError.fromProblems(problems);
  return document.value;
}
