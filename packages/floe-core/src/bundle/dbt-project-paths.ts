import { parseDocument } from 'yaml';
import { z } from 'zod';
import { failure, success, type Outcome } from '../outcome/outcome.js';

/** The folders that a dbt project declares, as written: relative to the project, perhaps outside of it. */
export interface DbtProjectPaths {
  /** Where dbt looks for models, seeds, snapshots, macros, analyses, tests, functions and docs. Sorted. */
  readonly sources: readonly string[];
  /** Where `dbt deps` installs packages. */
  readonly packages: string;
  /** Folders that dbt writes: never part of a bundle. */
  readonly outputs: readonly string[];
}

const paths = z.union([z.string().transform((path) => [path]), z.array(z.string())]).nullish();

const projectSchema = z.looseObject({
  'model-paths': paths,
  'seed-paths': paths,
  'snapshot-paths': paths,
  'macro-paths': paths,
  'analysis-paths': paths,
  'test-paths': paths,
  'function-paths': paths,
  'docs-paths': paths,
  'target-path': z.string().nullish(),
  'log-path': z.string().nullish(),
  'packages-install-path': z.string().nullish(),
});

/** Reads the paths of dbt_project.yml with dbt's defaults. The failure is a sentence without its full stop. */
export function readDbtProjectPaths(text: string): Outcome<DbtProjectPaths, string> {
  const document = parseDocument(text, { version: '1.1', logLevel: 'error' });
  if (document.errors.length > 0) {
    const line = document.errors[0]?.linePos?.[0].line;
    return failure(`it is not valid YAML${line === undefined ? '' : ` at line ${line}`}`);
  }
  const parsed = projectSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return failure(`"${issue?.path.join('.') ?? ''}" is not a list of paths`);
  }
  const project = parsed.data;
  const sources = [
    ...(project['model-paths'] ?? ['models']),
    ...(project['seed-paths'] ?? ['seeds']),
    ...(project['snapshot-paths'] ?? ['snapshots']),
    ...(project['macro-paths'] ?? ['macros']),
    ...(project['analysis-paths'] ?? ['analyses']),
    ...(project['test-paths'] ?? ['tests']),
    ...(project['function-paths'] ?? ['functions']),
    ...(project['docs-paths'] ?? []),
  ];
  const packages = project['packages-install-path'] ?? 'dbt_packages';
  const template = [...sources, packages].find((path) => path.includes('{{'));
  if (template !== undefined) return failure(`the path "${template}" is a template; write the folder itself`);
  return success({
    sources: [...new Set(sources)].sort(),
    packages,
    outputs: ['target', 'logs', project['target-path'], project['log-path']].filter((path) => typeof path === 'string'),
  });
}
