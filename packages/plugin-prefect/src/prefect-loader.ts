import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DefinitionFile } from '@floe/core/plugin-interfaces';

/** Folder with the Python files of this package. */
export const pythonDirectory = fileURLToPath(new URL('../python/', import.meta.url));

const loaderPackage = 'floe_prefect';

/** The Python files of every bundle: constant text, the same for all products. */
export function readLoaderFiles(): readonly DefinitionFile[] {
  const modules = readdirSync(`${pythonDirectory}${loaderPackage}`).filter((name) => name.endsWith('.py'));
  return ['flow.py', 'sensor.py', ...modules.sort().map((name) => `${loaderPackage}/${name}`)].map((path) => ({
    path,
    content: readFileSync(`${pythonDirectory}${path}`, 'utf8'),
  }));
}
