import { hasErrors, type Problem } from '../errors/problem.js';
import type { Locator } from '../manifest/key-path.js';
import { schemaProblems, unknownKeyProblem } from '../manifest/schema-problems.js';
import { unknownKeys } from '../manifest/unknown-keys.js';
import { readYaml } from '../manifest/yaml-source.js';
import { compiledArtifactsSchema, type CompiledArtifacts } from './compiled-artifacts.js';
import { isNewerVersion, versionRefusal } from './contract-version.js';
import { emptyArtifactsProblem } from './derive-orchestration.js';
import { jsonSyntaxPosition } from './json-position.js';

/** What reading artifacts gave; `artifacts` is absent when there are errors. */
export interface ArtifactsReading {
  readonly artifacts?: CompiledArtifacts;
  readonly problems: readonly Problem[];
}

/**
 * Reads CompiledArtifacts of contract 0.x. Unknown keys are kept and warned of, `$comment` and `$schema` at the top
 * are ignored. `file` is only used to name the place.
 */
export function readArtifacts(text: string, file: string): ArtifactsReading {
  const parsed = parseJson(text, file);
  if ('problem' in parsed) return { problems: [parsed.problem] };
  const data = withoutComments(parsed.value);
  const locator = lazyLocator(text, file);
  const refusal = refusalOf(data, locator);
  if (refusal !== undefined) return { problems: [refusal] };
  const result = compiledArtifactsSchema.safeParse(data);
  if (!result.success) {
    return {
      problems: schemaProblems(compiledArtifactsSchema, data, result.error.issues, locator).map(asArtifactsProblem),
    };
  }
  const artifacts = result.data;
  const problems: Problem[] = unknownKeys(compiledArtifactsSchema, data).map(({ path, known }) =>
    keptKeyProblem(unknownKeyProblem(path, known, locator, 'warning')),
  );
  if (isNewerVersion(artifacts.version)) problems.push(newerVersionProblem(artifacts.version, locator));
  if (artifacts.orchestration === null && artifacts.transforms === null) problems.push(emptyArtifactsProblem(file));
  return hasErrors(problems) ? { problems } : { artifacts, problems };
}

function parseJson(text: string, file: string): { readonly value: unknown } | { readonly problem: Problem } {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/u, '')) as unknown };
  } catch {
    const position = jsonSyntaxPosition(text);
    const problem: Problem = {
      code: 'JSON_SYNTAX',
      severity: 'error',
      message: position.atEnd
        ? 'The JSON text ends too early: the file is cut off.'
        : 'The JSON text is broken at this place.',
      resolution: 'Write the file again with "floe compile"; do not edit it by hand.',
      location: { file, line: position.line, column: position.column },
    };
    return { problem };
  }
}

function withoutComments(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '$comment' && key !== '$schema'));
}

function refusalOf(data: unknown, locator: Locator): Problem | undefined {
  const version = memberOf(data, 'version');
  if (typeof version === 'string' && /^\d+\.\d+\.\d+$/u.test(version)) {
    const refusal = versionRefusal(version);
    if (refusal !== undefined) return versionProblem(refusal, locator.locate(['version']));
  }
  const schema = memberOf(memberOf(data, 'orchestration'), 'schema');
  if (typeof schema === 'number' && schema !== 1) {
    return versionProblem(
      `The section "orchestration" has schema ${schema}, but this floe reads schema 1 only.`,
      locator.locate(['orchestration', 'schema']),
    );
  }
  return undefined;
}

function versionProblem(message: string, location: NonNullable<Problem['location']>): Problem {
  return {
    code: 'ARTIFACTS_VERSION',
    severity: 'error',
    message,
    resolution: 'Update floe, or compile the product with this version of floe.',
    location,
  };
}

function newerVersionProblem(version: string, locator: Locator): Problem {
  return {
    code: 'ARTIFACTS_VERSION',
    severity: 'warning',
    message: `The artifacts have the newer contract version ${version}; what this floe does not know is kept but not used.`,
    resolution: 'Update floe to use everything in the file.',
    location: locator.locate(['version']),
  };
}

function asArtifactsProblem(problem: Problem): Problem {
  return { ...problem, code: 'ARTIFACTS_INVALID' };
}

function keptKeyProblem(problem: Problem): Problem {
  return { ...problem, message: `${problem.message.replace(/\.$/u, '')}: it is kept but not used.` };
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

const largestLocatedText = 4_000_000;

/** JSON is nearly YAML: the same reader finds positions, but only when there is something to report. */
function lazyLocator(text: string, file: string): Locator {
  let locator: Locator | undefined;
  return {
    file,
    locate(path, part) {
      locator ??= readYaml(text.length > largestLocatedText ? '' : text, file).locator;
      return locator.locate(path, part);
    },
  };
}
