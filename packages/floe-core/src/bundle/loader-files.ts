import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DefinitionFile } from '../plugin-interfaces.js';

/**
 * The Python files by which an orchestrator loads a bundle: constant text, the same for all products.
 * @param directory where the plugin has them
 * @param files single files, first in the result
 * @param modules name of a Python package whose modules follow in the order of their names
 */
export function readLoaderFiles(
  directory: string,
  files: readonly string[],
  modules: string,
): readonly DefinitionFile[] {
  const names = readdirSync(join(directory, modules)).filter((name) => name.endsWith('.py'));
  return [...files, ...names.sort().map((name) => `${modules}/${name}`)].map((path) => ({
    path,
    content: readFileSync(join(directory, path), 'utf8'),
  }));
}
