import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPlatformState } from '../plugin-interfaces.js';
import { z } from 'zod';

const stateSchema = z.looseObject({
  orchestrator: z.string(),
  url: z.string(),
  process_group: z.number().int(),
  /** Tells the group from a later one with the same id. */
  start_mark: z.string().nullable(),
  bin_directory: z.string(),
  directory: z.string(),
  data_directory: z.string(),
  config: z.record(z.string(), z.unknown()),
  started_at: z.string(),
});

/** state.json of a local platform. */
export type LocalStateFile = z.infer<typeof stateSchema>;

function stateFile(home: string): string {
  return join(home, 'state.json');
}

/** The state that was written at the last start; undefined when there is none, or none that can be read. */
export async function readLocalState(home: string): Promise<LocalStateFile | undefined> {
  try {
    return stateSchema.safeParse(JSON.parse(await readFile(stateFile(home), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Writes the state as a whole or not at all. */
export async function writeLocalState(home: string, state: LocalStateFile): Promise<void> {
  const temporary = join(home, `.state-${randomUUID()}.json`);
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, stateFile(home));
}

/** Forgets the state. */
export async function removeLocalState(home: string): Promise<void> {
  await rm(stateFile(home), { force: true });
}

/** The state as the interface has it. */
export function toLocalPlatformState(state: LocalStateFile): LocalPlatformState {
  return {
    orchestrator: state.orchestrator,
    url: state.url,
    processGroup: state.process_group,
    directory: state.directory,
    dataDirectory: state.data_directory,
    config: state.config,
    startedAt: state.started_at,
  };
}
