import { readFile, readdir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import { FloeError, InputError } from '../errors/floe-error.js';
import type { DefinitionFile, Definitions } from '../plugin-interfaces.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { requirePipeline } from '../pipeline/to-pipeline.js';
import type { CallOptions } from '../time/call-options.js';
import { deadlineSignal } from '../time/deadline-signal.js';
import { writeDirectoryAtomically } from './atomic-directory.js';
import type { Bundle, BundleIndex } from './bundle.js';
import { bundleHash, bundleIndexName, sortedPaths } from './bundle-hash.js';
import { isBundlePath } from './bundle-path.js';
import { fileError, systemCodeOf, unreadable } from './bundle-problems.js';
import { listDbtProjectFiles, type DbtProjectFiles } from './dbt-project-files.js';
import { observabilityDocument } from './observability-document.js';
import { packageCredentialProblems, packageFileNames } from './package-credentials.js';
import { writePipelineDocument } from './pipeline-document.js';
import { writeFiles, type BundleFile } from './write-files.js';

/** What a bundle takes from a compiled project. */
export interface BundleProject {
  readonly artifacts: CompiledArtifacts;
  readonly dbtProjectDirectory: string;
  /** profiles.yml as data: secrets only as `env_var()`. */
  readonly profiles: Readonly<Record<string, unknown>>;
}

export interface AssembleInput {
  readonly project: BundleProject;
  readonly definitions: Definitions;
  /** Name of the plugin that made the definitions. */
  readonly orchestrator: string;
  /** The bundle's folder; replaced as a whole when it is a bundle already. */
  readonly directory: string;
  /** Further text files, such as requirements.txt and a Dockerfile. */
  readonly extraFiles?: readonly DefinitionFile[];
}

const dbtFolder = 'dbt';
const profilesFolder = 'profiles';

/**
 * Writes a bundle: the dbt project by allow-list, the generated profiles, pipeline.json and the plugin's files.
 * Equal input gives equal bytes and one hash. Appears at `directory` as a whole or not at all.
 * @throws InputError when a file cannot be taken; FloeError CANCELLED or FILE_UNREADABLE when the call's time is over
 */
export async function assembleBundle(input: AssembleInput, call: CallOptions): Promise<Bundle> {
  const { artifacts } = input.project;
  const pipeline = requirePipeline(artifacts);
  const directory = resolve(input.directory);
  const signal = deadlineSignal(call);
  try {
    await requireReplaceable(directory);
    const project = await listDbtProjectFiles(input.project.dbtProjectDirectory, signal);
    await requireNoCredentials(project);
    const files = bundleFiles(input, pipeline, project);
    const hash = await writeDirectoryAtomically(directory, async (temporary) => {
      const hashes = await writeFiles(temporary, files, signal);
      const index = indexOf(pipeline, input.orchestrator, hashes);
      const text = `${JSON.stringify(index, null, 2)}\n`;
      await writeFiles(temporary, [{ path: bundleIndexName, content: text }], signal);
      signal.throwIfAborted();
      return index.bundle_hash;
    });
    return {
      directory,
      product: pipeline.product.name,
      orchestrator: input.orchestrator,
      hash,
      artifacts,
      definitions: input.definitions,
    };
  } catch (error) {
    throw translate(error, input, call, signal);
  }
}

function bundleFiles(input: AssembleInput, pipeline: Pipeline, project: DbtProjectFiles): BundleFile[] {
  const projectDirectory = project.projectPath === '' ? dbtFolder : `${dbtFolder}/${project.projectPath}`;
  const folders = { projectDirectory, profilesDirectory: profilesFolder };
  const { artifacts, profiles } = input.project;
  const observability = observabilityDocument(artifacts.observability, pipeline, profiles);
  const own: BundleFile[] = [
    { path: 'pipeline.json', content: writePipelineDocument(pipeline, folders, observability) },
    { path: `${profilesFolder}/profiles.yml`, content: writeProfiles(input.project.profiles) },
    ...project.files.map((file) => ({ path: `${dbtFolder}/${file.path}`, source: file.source })),
  ];
  const taken = new Set([bundleIndexName, ...own.map((file) => file.path)]);
  const plugin = [...input.definitions.files, ...(input.extraFiles ?? [])];
  for (const { path } of plugin) {
    if (!isBundlePath(path) || [dbtFolder, profilesFolder].includes(path.split('/')[0] ?? '') || taken.has(path)) {
      throw new FloeError({
        code: 'INTERNAL',
        message: `The orchestrator plugin "${input.orchestrator}" gives a file that a bundle cannot take: "${path}".`,
        resolution: 'Report it to the authors of the plugin.',
      });
    }
    taken.add(path);
  }
  return [...own, ...plugin];
}

/** A comment-free profiles.yml in YAML 1.1, which dbt's parser reads. */
function writeProfiles(profiles: Readonly<Record<string, unknown>>): string {
  return stringify(profiles, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

function indexOf(pipeline: Pipeline, orchestrator: string, hashes: Readonly<Record<string, string>>): BundleIndex {
  const { product } = pipeline;
  return {
    schema: 1,
    product: product.name,
    product_version: product.version,
    platform: product.platform,
    environment: product.environment,
    orchestrator,
    bundle_hash: bundleHash(hashes),
    files: Object.fromEntries(sortedPaths(Object.keys(hashes)).map((path) => [path, hashes[path] ?? ''])),
  };
}

/** Never replaces a folder that is something else than a bundle. */
async function requireReplaceable(directory: string): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw fileError(
      'INVALID_VALUE',
      directory,
      'It is not a folder that a bundle can be written to.',
      'Name another folder.',
    );
  }
  if (names.length === 0 || names.includes(bundleIndexName)) return;
  throw fileError(
    'INVALID_VALUE',
    directory,
    'The folder has other files than a bundle in it and would be replaced.',
    'Name a new or an empty folder.',
  );
}

async function requireNoCredentials(project: DbtProjectFiles): Promise<void> {
  for (const { source } of project.files) {
    if (!packageFileNames.has(basename(source))) continue;
    const text = await readFile(source, 'utf8').catch((error: unknown) => {
      throw unreadable(source, error);
    });
    const problems = packageCredentialProblems(text, source);
    if (problems.length > 0) throw InputError.fromProblems(problems);
  }
}

function translate(error: unknown, input: AssembleInput, call: CallOptions, signal: AbortSignal): unknown {
  if (FloeError.isInstance(error)) return error;
  if (call.signal.aborted) {
    return new FloeError({
      code: 'CANCELLED',
      message: 'Writing the bundle was cancelled; nothing was written.',
      resolution: 'Start it again.',
    });
  }
  if (signal.aborted) {
    return fileError(
      'FILE_UNREADABLE',
      input.project.dbtProjectDirectory,
      `The dbt project could not be copied within ${Math.round(call.timeoutMs / 1000)} seconds; nothing was written.`,
      'Check that its disk answers, and that no large files are in its folders.',
    );
  }
  const code = systemCodeOf(error);
  if (code === undefined) return error;
  return fileError(
    'FILE_UNREADABLE',
    input.directory,
    `The bundle cannot be written there (${code}); nothing was written.`,
    'Check the permissions and the free space, or name another folder.',
  );
}
