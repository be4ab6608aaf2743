import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DbtProjectFile } from './dbt-project.js';

const projectFiles = ['dbt_project.yml', 'packages.yml', 'dependencies.yml', 'package-lock.yml', 'selectors.yml'];

/** Newest modification time (milliseconds) of everything that dbt reads in a project; folders count too. */
export async function newestChange(directory: string, project: DbtProjectFile): Promise<number> {
  const starts = [...projectFiles, ...project.paths, project.packagesPath].map((path) => resolve(directory, path));
  const seen = new Set<string>();
  const times = await Promise.all(starts.map((path) => newestBelow(path, seen)));
  return Math.max(0, ...times);
}

/** Modification time of a file or folder in milliseconds; undefined when it is not there. */
export async function modificationTime(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** True when packages are declared and not installed, or installed before the declaration changed. */
export async function needsPackages(directory: string, project: DbtProjectFile): Promise<boolean> {
  const declared = await Promise.all(
    ['packages.yml', 'dependencies.yml'].map((name) => modificationTime(join(directory, name))),
  );
  const newest = Math.max(...declared.map((time) => time ?? 0));
  if (newest === 0) return false;
  const installed = await modificationTime(resolve(directory, project.packagesPath));
  return installed === undefined || installed < newest;
}

async function newestBelow(path: string, seen: Set<string>): Promise<number> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  const real = await realpath(path);
  if (seen.has(real)) return 0;
  seen.add(real);
  const children = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
  const relevant = children.filter((child) => !ignored.has(child.name));
  const times = await Promise.all(relevant.map((child) => newestBelow(join(path, child.name), seen)));
  return Math.max(entry.mtimeMs, ...times);
}

const ignored = new Set(['.git', 'target', 'logs', '__pycache__', '.DS_Store']);
