import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** Conditions of package.json `exports` under which a package may be imported, in no order: the package's order counts. */
const conditions = new Set(['import', 'module-sync', 'node', 'default']);

/**
 * Path of the main module of an installed package, as an `import` in a file of the folder would find it.
 * @returns undefined when the package is not in reach of the folder
 */
export function findPackage(packageName: string, folder: string): string | undefined {
  try {
    return createRequire(join(resolve(folder), 'index.js')).resolve(packageName);
  } catch {
    // `require` does not see packages that export to `import` alone, so those are looked up here.
    return findImportOnly(packageName, folder);
  }
}

/** Names of packages `@floe/plugin-*` in reach of the folders, without the beginning; sorted. */
export async function findPluginNames(folders: readonly string[]): Promise<string[]> {
  const names = await Promise.all(
    folders.flatMap((folder) =>
      moduleFolders(folder).map(async (modules) => {
        const entries = await readdir(join(modules, '@floe')).catch(() => []);
        return entries.filter((entry) => entry.startsWith('plugin-')).map((entry) => entry.slice('plugin-'.length));
      }),
    ),
  );
  return [...new Set(names.flat())].sort();
}

function findImportOnly(packageName: string, folder: string): string | undefined {
  for (const modules of moduleFolders(folder)) {
    const directory = join(modules, packageName);
    let description: unknown;
    try {
      description = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    } catch {
      continue;
    }
    if (typeof description !== 'object' || description === null || !('exports' in description)) return undefined;
    const target = resolveTarget(description.exports);
    const file = target === undefined ? undefined : join(directory, target);
    return file !== undefined && existsSync(file) ? file : undefined;
  }
  return undefined;
}

function resolveTarget(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return undefined;
  if ('.' in exported) return resolveTarget(exported['.']);
  for (const [condition, target] of Object.entries(exported)) {
    const found = conditions.has(condition) ? resolveTarget(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** node_modules of a folder and of its parents, nearest first. */
function moduleFolders(folder: string): string[] {
  const folders: string[] = [];
  for (let current = resolve(folder); ; current = dirname(current)) {
    folders.push(join(current, 'node_modules'));
    if (dirname(current) === current) return folders;
  }
}
