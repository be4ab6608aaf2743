import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GeneratedProject } from './generate-project.js';

/** Writes a generated project into a folder. */
export async function writeProject(project: GeneratedProject, directory: string): Promise<void> {
  const folders = new Set(project.files.map(({ path }) => dirname(join(directory, path))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const { path, content } of project.files) await writeFile(join(directory, path), content);
}
