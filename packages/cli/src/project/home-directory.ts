import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface HomeQuestion {
  /** Value of `--home`. */
  readonly option: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Folder of floe.yaml. */
  readonly projectDirectory: string;
}

/**
 * The folder that keeps local platforms, Python environments and bundles: `--home`, else FLOE_HOME, else `.floe` in the
 * git repository of the product (so that its products share one platform), else `.floe` beside floe.yaml.
 */
export function resolveHome({ option, variables, workingDirectory, projectDirectory }: HomeQuestion): string {
  const given = option ?? variables.FLOE_HOME;
  if (given !== undefined && given !== '') return resolve(workingDirectory, given);
  return join(findGitRoot(projectDirectory) ?? projectDirectory, '.floe');
}

/** Makes the folder; it ignores itself in git. */
export async function prepareHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const ignore = join(home, '.gitignore');
  if (!existsSync(ignore)) await writeFile(ignore, '*\n');
}

/** Folder of the local platform of an orchestrator. */
export function platformHome(home: string, orchestrator: string): string {
  return join(home, 'platforms', orchestrator);
}

/** Folder of what floe makes for a product on this machine. */
export function productHome(home: string, product: string): string {
  return join(home, 'products', product);
}

function findGitRoot(directory: string): string | undefined {
  for (let current = resolve(directory); ; current = dirname(current)) {
    if (existsSync(join(current, '.git'))) return current;
    if (dirname(current) === current) return undefined;
  }
}
