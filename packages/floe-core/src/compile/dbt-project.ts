import type { Problem } from '../errors/problem.js';
import { readYaml } from '../manifest/yaml-source.js';
import { objectOf, optionalTextOf, textsOf } from './dbt-manifest.js';
import type { DbtProject } from './compile-input.js';

/** dbt_project.yml as far as the compiler needs it. */
export interface DbtProjectFile extends DbtProject {
  /** Folders and files, relative to the project, whose change makes a manifest old. */
  readonly paths: readonly string[];
  readonly packagesPath: string;
}

const pathSettings: Readonly<Record<string, readonly string[]>> = {
  'model-paths': ['models'],
  'seed-paths': ['seeds'],
  'snapshot-paths': ['snapshots'],
  'macro-paths': ['macros'],
  'analysis-paths': ['analyses'],
  'test-paths': ['tests'],
  'function-paths': ['functions'],
  'docs-paths': [],
};

/** Reads dbt_project.yml. `fallbackProfile` is used when it names no profile. */
export function readDbtProject(
  text: string,
  file: string,
  fallbackProfile: string,
): { readonly project?: DbtProjectFile; readonly problems: readonly Problem[] } {
  const { value, locator, problems } = readYaml(text, file);
  if (problems.length > 0) return { problems };
  const data = objectOf(value);
  const name = optionalTextOf(data.name);
  if (name === null) {
    const problem: Problem = {
      code: 'MISSING_VALUE',
      severity: 'error',
      message: 'name is missing: every dbt project has one.',
      resolution: 'Add "name" to dbt_project.yml.',
      location: locator.locate(['name']),
    };
    return { problems: [problem] };
  }
  const paths = Object.entries(pathSettings).flatMap(([key, fallback]) =>
    Array.isArray(data[key]) ? textsOf(data[key]) : fallback,
  );
  return {
    project: {
      name,
      profile: optionalTextOf(data.profile) ?? fallbackProfile,
      paths: [...new Set(paths)],
      packagesPath: optionalTextOf(data['packages-install-path']) ?? 'dbt_packages',
    },
    problems: [],
  };
}
