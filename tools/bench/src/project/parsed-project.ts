import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Assignment } from '../contender.js';
import { runChecked } from '../process/run-checked.js';
import { bareProfiles } from './generate-project.js';
import { writeProject } from './write-project.js';

/** Writes the project of an assignment with profiles of its own and lets dbt parse it. @returns its folder */
export async function writeParsedProject(
  { project, directory }: Assignment,
  dbt: string,
  call: CallOptions,
): Promise<string> {
  const folder = join(directory, 'project');
  await mkdir(folder, { recursive: true });
  await writeProject(project, folder);
  await writeFile(join(folder, 'profiles.yml'), bareProfiles(join(folder, 'bench.duckdb')));
  await runChecked(dbt, ['parse'], folder, call);
  return folder;
}
