import { dirname, resolve } from 'node:path';
import type { CompiledArtifacts } from '../artifacts/compiled-artifacts.js';
import { InputError } from '../errors/floe-error.js';
import { hasErrors, type Problem } from '../errors/problem.js';
import { readPlatformManifest, type PlatformManifest } from '../manifest/platform-manifest.js';
import { readProductSpec, type Located, type ProductSpec } from '../manifest/product-spec.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { toPipeline } from '../pipeline/to-pipeline.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import { coreVersion } from '../version.js';
import { compile } from './compile.js';
import { compiledAt } from './compiled-at.js';
import { loadDbtManifest, type ParseDbt } from './dbt-manifest-source.js';
import { readDbtProject } from './dbt-project.js';
import { findManifestFile, findSpecFile } from './find-project.js';
import { locateProblem } from './locate-problem.js';
import type { DbtProfiles } from './profiles.js';
import { readInput } from './read-input.js';
import { resolveSettings } from './settings.js';

export interface CompileProjectOptions {
  /** Folder of floe.yaml, or the file. */
  readonly directory: string;
  /** Platform manifest; default is `platform.manifest` of floe.yaml. */
  readonly manifest?: string;
  /** Only SOURCE_DATE_EPOCH is read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly parseDbt: ParseDbt;
  /** `auto` (default) parses when target/manifest.json is absent or out of date. */
  readonly parse?: 'auto' | 'always' | 'never';
  /** FLOE_DATA_DIR of the parse; default is the dbt project. */
  readonly dataDirectory?: string;
}

/** A compiled product with what it was made from. Folders and files are absolute; problems are warnings. */
export interface CompiledProject {
  readonly artifacts: CompiledArtifacts;
  /** The artifacts as every plugin sees them. */
  readonly pipeline: Pipeline;
  readonly problems: readonly Problem[];
  /** Folder of floe.yaml. */
  readonly projectDirectory: string;
  /** Folder of dbt_project.yml. */
  readonly dbtProjectDirectory: string;
  readonly specFile: string;
  readonly manifestFile: string;
  readonly dbtManifestFile: string;
  readonly spec: Located<ProductSpec>;
  readonly manifest: Located<PlatformManifest>;
  /** The generated profiles.yml as data. */
  readonly profiles: DbtProfiles;
}

/**
 * Compiles the product of a folder. Nothing is written but dbt's target folder, and that only when dbt parses.
 * @throws InputError with every finding and its place; FloeError CANCELLED
 */
export async function compileProject(options: CompileProjectOptions, call: CallOptions): Promise<CompiledProject> {
  const time = compiledAt(options.environment.SOURCE_DATE_EPOCH, options.clock);
  if (!time.ok) throw InputError.fromProblems([time.failure]);
  const files = await readProjectFiles(options);
  const { spec, manifest } = files;
  const dbtProjectDirectory = resolve(dirname(spec.locator.file), spec.value.dbt?.project_dir ?? '.');
  const dbtProjectFile = resolve(dbtProjectDirectory, 'dbt_project.yml');
  const dbtProjectText = await readInput(
    dbtProjectFile,
    'The dbt project',
    'Put floe.yaml beside dbt_project.yml, or set dbt.project_dir in floe.yaml.',
  );
  const slug = spec.value.metadata.name.replaceAll('-', '_');
  const { project, problems: projectProblems } = readDbtProject(dbtProjectText, dbtProjectFile, slug);
  if (project === undefined) throw InputError.fromProblems(projectProblems);
  const resolved = resolveSettings(spec, manifest, project.profile);
  if (resolved.settings === undefined || hasErrors(resolved.problems))
    throw InputError.fromProblems([...files.problems, ...resolved.problems]);
  const dbt = await loadDbtManifest(
    {
      directory: dbtProjectDirectory,
      project,
      settings: resolved.settings,
      parse: options.parse ?? 'auto',
      parseDbt: options.parseDbt,
      dataDirectory: resolve(options.dataDirectory ?? dbtProjectDirectory),
    },
    call,
  );
  const { artifacts, problems: found } = compile({
    spec,
    manifest,
    specText: files.specText,
    manifestText: files.manifestText,
    dbtProject: project,
    resolved,
    dbtManifest: dbt.manifest,
    dbtManifestFile: dbt.file,
    compiledAt: time.value,
    floeVersion: coreVersion,
  });
  if (artifacts === undefined) throw InputError.fromProblems([...files.problems, ...found]);
  const { pipeline, problems: graphProblems } = toPipeline(artifacts);
  const problems = [...files.problems, ...found, ...graphProblems.map((problem) => locateProblem(problem, spec))];
  if (pipeline === undefined) throw InputError.fromProblems(problems);
  return {
    artifacts,
    pipeline,
    problems,
    projectDirectory: resolve(dirname(spec.locator.file)),
    dbtProjectDirectory,
    specFile: resolve(spec.locator.file),
    manifestFile: resolve(manifest.locator.file),
    dbtManifestFile: dbt.file,
    spec,
    manifest,
    profiles: resolved.settings.profiles,
  };
}

interface ProjectFiles {
  readonly spec: Located<ProductSpec>;
  readonly manifest: Located<PlatformManifest>;
  readonly specText: string;
  readonly manifestText: string;
  readonly problems: readonly Problem[];
}

/** Reads both YAML files and reports the findings of both at once, as far as floe.yaml leads to the manifest. */
async function readProjectFiles(options: CompileProjectOptions): Promise<ProjectFiles> {
  const specFile = await findSpecFile(options.directory);
  const specText = await readInput(specFile, 'The product description', 'Check the permissions of the file.');
  const spec = readProductSpec(specText, specFile);
  if (spec.document === undefined && options.manifest === undefined) throw InputError.fromProblems(spec.problems);
  const manifestFile =
    spec.document === undefined ? (options.manifest ?? '') : await findManifestFile(options.manifest, spec.document);
  const manifestText = await readInput(
    manifestFile,
    'The platform manifest',
    'Check the path that --manifest or platform.manifest names.',
  );
  const manifest = readPlatformManifest(manifestText, manifestFile);
  const problems = [...spec.problems, ...manifest.problems];
  if (spec.document === undefined || manifest.document === undefined) throw InputError.fromProblems(problems);
  return { spec: spec.document, manifest: manifest.document, specText, manifestText, problems };
}
