import { mkdir, mkdtemp, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DbtParseInput } from '../dbt/dbt-parse-input.js';
import { InputError, type FloeError } from '../errors/floe-error.js';
import type { Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import { readDbtManifest, type DbtManifest } from './dbt-manifest.js';
import type { DbtProjectFile } from './dbt-project.js';
import { fitsProfile } from './manifest-fit.js';
import { manifestMismatches, mismatch } from './manifest-mismatch.js';
import { parseFingerprint, stampState, writeStamp } from './parse-stamp.js';
import { modificationTime, needsPackages, newestChange } from './project-files.js';
import { readInput } from './read-input.js';
import type { ResolvedSettings } from './settings.js';

/** Runs `dbt parse`; injected, so that a compile can be tested without dbt. */
export type ParseDbt = (input: DbtParseInput, call: CallOptions) => Promise<Outcome<void, FloeError>>;

/** What deciding about the dbt manifest needs. */
export interface DbtManifestSource {
  /** Absolute folder of dbt_project.yml. */
  readonly directory: string;
  readonly project: DbtProjectFile;
  readonly settings: ResolvedSettings;
  readonly parse: 'auto' | 'always' | 'never';
  readonly parseDbt: ParseDbt;
  readonly dataDirectory: string;
}

/**
 * target/manifest.json of the project, parsed anew when it is absent, older than the project's files or made with other
 * settings. @throws InputError DBT_MANIFEST_MISMATCH, DBT_MANIFEST_INVALID; what the parse fails with
 */
export async function loadDbtManifest(
  source: DbtManifestSource,
  call: CallOptions,
): Promise<{ readonly manifest: DbtManifest; readonly file: string }> {
  const file = join(source.directory, 'target', 'manifest.json');
  const fingerprint = parseFingerprint(source.settings.profiles, source.settings.vars);
  if (source.parse !== 'always') {
    const usable = await usableManifest(source, file, fingerprint);
    if (usable !== undefined) return { manifest: usable, file };
  }
  await parse(source, call);
  const manifest = await readManifest(file);
  refuseMismatch(manifest, file, source);
  // without the note the next compile only looks more closely
  await writeStamp(file, fingerprint).catch(() => undefined);
  return { manifest, file };
}

/** Parses into a private folder and then moves the results, so that nobody reads a manifest that is half written. */
async function parse(source: DbtManifestSource, call: CallOptions): Promise<void> {
  const target = join(source.directory, 'target');
  const { created, folder } = await privateFolder(target);
  try {
    const outcome = await source.parseDbt(
      {
        projectDirectory: source.directory,
        targetDirectory: folder,
        partialParseFile: join(target, partialParse),
        profiles: source.settings.profiles,
        profile: source.project.profile,
        target: source.settings.target,
        vars: source.settings.vars,
        installPackages: await needsPackages(source.directory, source.project),
        dataDirectory: source.dataDirectory,
      },
      call,
    );
    if (!outcome.ok) throw outcome.failure;
    await rename(join(folder, partialParse), join(target, partialParse)).catch(() => undefined);
    await rename(join(folder, 'manifest.json'), join(target, 'manifest.json')).catch(() => {
      throw noManifest(source.directory);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    if (created) await rmdir(target).catch(() => undefined);
  }
}

async function privateFolder(target: string): Promise<{ readonly created: boolean; readonly folder: string }> {
  try {
    const created = (await mkdir(target, { recursive: true })) !== undefined;
    return { created, folder: await mkdtemp(join(target, 'floe-parse-')) };
  } catch {
    throw new InputError({
      code: 'FILE_UNREADABLE',
      message: `The folder for the results of dbt cannot be written: ${target}`,
      resolution: 'Check its permissions, or run "dbt parse" elsewhere and copy target/manifest.json here.',
      context: { folder: target },
    });
  }
}

function noManifest(directory: string): InputError {
  return new InputError({
    code: 'DBT_PARSE_FAILED',
    message: 'dbt parse ended without an error but wrote no manifest.json.',
    resolution: 'Check the version of dbt (1.11 is needed) and run "dbt parse" by hand.',
    context: { projectDirectory: directory },
  });
}

const partialParse = 'partial_parse.msgpack';

async function usableManifest(
  source: DbtManifestSource,
  file: string,
  fingerprint: string,
): Promise<DbtManifest | undefined> {
  const modified = await modificationTime(file);
  const never = source.parse === 'never';
  if (modified === undefined) {
    if (!never) return undefined;
    throw new InputError({
      code: 'FILE_NOT_FOUND',
      message: `The dbt manifest was not found: ${file}`,
      resolution: 'Run "dbt parse" in the project.',
      context: { file },
    });
  }
  if (!never && modified < (await newestChange(source.directory, source.project))) return undefined;
  const stamp = await stampState(file, fingerprint);
  if (!never && stamp === 'other') return undefined;
  const manifest = await readManifest(file);
  if (stamp !== 'same') {
    refuseMismatch(manifest, file, source, never);
    if (!fits(manifest, source)) {
      if (!never) return undefined;
      throw InputError.fromProblems([
        mismatch(
          file,
          'its relations are in another database or schema than the profile of plugins.compute names: it was made for another target',
        ),
      ]);
    }
    if (!never && Object.keys(source.settings.vars).length > 0) return undefined;
  }
  await refuseMissingFiles(manifest, file, source.directory);
  return manifest;
}

async function readManifest(file: string): Promise<DbtManifest> {
  const text = await readInput(file, 'The dbt manifest', 'Run "dbt parse" in the project.');
  const { manifest, problems } = readDbtManifest(text, file);
  if (manifest === undefined) throw InputError.fromProblems(problems);
  return manifest;
}

function refuseMismatch(manifest: DbtManifest, file: string, source: DbtManifestSource, checkAdapter = true): void {
  const adapter = checkAdapter ? source.settings.compute.type : manifest.adapterType;
  const problems = manifestMismatches(manifest, file, { projectName: source.project.name, adapter });
  if (problems.length > 0) throw InputError.fromProblems(problems);
}

/** A manifest made for another adapter or database is only old when it can be made again. */
function fits(manifest: DbtManifest, source: DbtManifestSource): boolean {
  const profile = source.settings.profiles[source.project.profile];
  if (manifest.adapterType !== source.settings.compute.type || profile === undefined) return false;
  return fitsProfile(manifest, profile);
}

async function refuseMissingFiles(manifest: DbtManifest, file: string, directory: string): Promise<void> {
  const files = new Set(
    manifest.nodes.filter((node) => node.package === manifest.projectName && node.file !== '').map((node) => node.file),
  );
  const found = await Promise.all(
    [...files].map(async (name) => ((await exists(resolve(directory, name))) ? undefined : name)),
  );
  const missing = found.filter((name) => name !== undefined).sort();
  const [first] = missing;
  if (first === undefined) return;
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  throw InputError.fromProblems([mismatch(file, `it names files that do not exist: ${first}${more}`)]);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
