import { fileURLToPath } from 'node:url';
import { readLoaderFiles } from '@floe/core/bundle/loader-files';
import type { DefinitionFile } from '@floe/core/plugin-interfaces';

/** Folder with the Python files of this package. */
export const pythonDirectory = fileURLToPath(new URL('../python/', import.meta.url));

/** The Python files of every bundle: constant text, the same for all products. */
export function loaderFiles(): readonly DefinitionFile[] {
  return readLoaderFiles(pythonDirectory, ['floe_dag.py', '.airflowignore'], 'floe_airflow');
}
