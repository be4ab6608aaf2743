import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@floe/core/errors/floe-error';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

/** The file in a delivery folder from which Dagster learns which code locations there are. */
export const workspaceFileName = 'workspace.yaml';

const pythonFile = z.looseObject({ relative_path: z.string(), location_name: z.string().optional() });
const workspaceSchema = z.looseObject({
  load_from: z
    .array(z.looseObject({ python_file: z.union([z.string(), pythonFile]).optional() }))
    .nullish()
    .transform((entries) => entries ?? []),
});

/** A code location that is made of a bundle in the delivery folder. */
export interface DeliveredLocation {
  /** Name of the code location. */
  readonly location: string;
  /** Folder of the bundle, relative to the delivery folder. */
  readonly folder: string;
}

/** Makes an empty workspace.yaml when there is none. */
export async function ensureWorkspaceFile(directory: string): Promise<void> {
  if ((await readText(directory)) === undefined) await write(directory, { load_from: [] });
}

/** The code locations that floe has put into workspace.yaml. */
export async function readDeliveredLocations(directory: string): Promise<readonly DeliveredLocation[]> {
  return (await read(directory)).load_from.flatMap(({ python_file: entry }) => {
    if (typeof entry !== 'object' || entry.location_name === undefined) return [];
    const [folder, file, ...rest] = entry.relative_path.split('/');
    if (folder === undefined || file !== 'definitions.py' || rest.length > 0) return [];
    return [{ location: entry.location_name, folder }];
  });
}

/** Adds a code location, or leaves the file alone when it is there. @returns true if the file was changed */
export async function addDeliveredLocation(
  directory: string,
  { location, folder }: DeliveredLocation,
): Promise<boolean> {
  const present = await readDeliveredLocations(directory);
  if (present.some((entry) => entry.location === location && entry.folder === folder)) return false;
  const workspace = await read(directory);
  const others = workspace.load_from.filter((entry) => locationOf(entry) !== location);
  const added = {
    python_file: {
      relative_path: `${folder}/definitions.py`,
      working_directory: folder,
      attribute: 'defs',
      location_name: location,
    },
  };
  await write(directory, { ...workspace, load_from: [...others, added] });
  return true;
}

/** Takes a code location away. @returns true if the file was changed */
export async function removeDeliveredLocation(directory: string, location: string): Promise<boolean> {
  const workspace = await read(directory);
  const others = workspace.load_from.filter((entry) => locationOf(entry) !== location);
  if (others.length === workspace.load_from.length) return false;
  await write(directory, { ...workspace, load_from: others });
  return true;
}

function locationOf(entry: z.infer<typeof workspaceSchema>['load_from'][number]): string | undefined {
  return typeof entry.python_file === 'object' ? entry.python_file.location_name : undefined;
}

async function read(directory: string): Promise<z.infer<typeof workspaceSchema>> {
  const text = await readText(directory);
  if (text === undefined) return { load_from: [] };
  const file = join(directory, workspaceFileName);
  try {
    return workspaceSchema.parse(parse(text));
  } catch {
    throw new InputError({
      code: 'YAML_SYNTAX',
      message: `${file} is not a workspace file that floe can read.`,
      resolution: 'Mend it, or move it away: floe then makes a new one.',
      context: { file },
    });
  }
}

async function readText(directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, workspaceFileName), 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(directory: string, content: Readonly<Record<string, unknown>>): Promise<void> {
  const temporary = join(directory, `.workspace-${randomUUID()}.yaml`);
  await writeFile(temporary, stringify(content, { version: '1.1', lineWidth: 0 }));
  await rename(temporary, join(directory, workspaceFileName));
}
