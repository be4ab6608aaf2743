import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DbtProfiles } from './profiles.js';

/**
 * A note beside target/manifest.json that says with which profile, target and variables it was parsed: dbt does not
 * write that into the manifest.
 */
interface ParseStamp {
  readonly fingerprint: string;
  readonly modified: number;
  readonly size: number;
}

/** `none`: the manifest was made by somebody else; `same` or `other`: by floe, with these or with other settings. */
export type StampState = 'none' | 'same' | 'other';

/** sha256 over everything that the result of a parse depends on besides the project's files. */
export function parseFingerprint(profiles: DbtProfiles, vars: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify([profiles, vars]))
    .digest('hex');
}

/** How a manifest relates to the stamp beside it. */
export async function stampState(manifestFile: string, fingerprint: string): Promise<StampState> {
  try {
    const stamp = JSON.parse(await readFile(stampFile(manifestFile), 'utf8')) as Partial<ParseStamp>;
    const { mtimeMs, size } = await stat(manifestFile);
    if (stamp.modified !== mtimeMs || stamp.size !== size) return 'none';
    return stamp.fingerprint === fingerprint ? 'same' : 'other';
  } catch {
    return 'none';
  }
}

/** Writes the stamp of a manifest that was just parsed. */
export async function writeStamp(manifestFile: string, fingerprint: string): Promise<void> {
  const { mtimeMs, size } = await stat(manifestFile);
  const stamp: ParseStamp = { fingerprint, modified: mtimeMs, size };
  const temporary = `${stampFile(manifestFile)}.new`;
  await writeFile(temporary, JSON.stringify(stamp));
  await rename(temporary, stampFile(manifestFile));
}

function stampFile(manifestFile: string): string {
  return join(dirname(manifestFile), 'floe-parse.json');
}
