import type { z } from 'zod';
import { closestWord } from '../errors/did-you-mean.js';
import type { Problem } from '../errors/problem.js';
import { createKeyFinder, type KeyFinder } from './json-schema-keys.js';
import { valueAt, type KeyPath, type Locator } from './key-path.js';

type Issue = z.core.$ZodIssue;

/** Findings of a zod schema as problems with their place in the file. Values are never repeated: they may be secret. */
export function schemaProblems(
  schema: z.ZodType,
  data: unknown,
  issues: readonly Issue[],
  locator: Locator,
): Problem[] {
  const keys = createKeyFinder(schema);
  return issues.flatMap((issue) => problemsOf(issue, [], data, locator, keys));
}

function problemsOf(issue: Issue, prefix: KeyPath, data: unknown, locator: Locator, keys: KeyFinder): Problem[] {
  const path: KeyPath = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKeyProblem([...path, key], keys(path, data), locator, 'error'));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nearest = nearestBranch(issue.errors);
    if (depth(nearest) > 0) return nearest.flatMap((inner) => problemsOf(inner, path, data, locator, keys));
  }
  if (valueAt(data, path) === undefined) {
    return [
      {
        code: 'MISSING_VALUE',
        severity: 'error',
        message: `${lastKey(path)} is missing.`,
        resolution: `Add ${lastKey(path)}${expectation(issue)}.`,
        location: locator.locate(path),
      },
    ];
  }
  return [
    {
      code: 'INVALID_VALUE',
      severity: 'error',
      message: `${lastKey(path)} is not valid: ${lowerFirst(issue.message.replace(/^Invalid (input|option): /u, ''))}.`,
      resolution: `Change the value${expectation(issue)}.`,
      location: locator.locate(path),
    },
  ];
}

/** The alternative of a union that was most likely meant: fewest unknown keys, then the deepest finding. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  return branches.reduce((best, branch) => {
    const difference = unknownKeyCount(branch) - unknownKeyCount(best);
    if (depth(best) === 0) return branch;
    return depth(branch) > 0 && (difference < 0 || (difference === 0 && depth(branch) > depth(best))) ? branch : best;
  });
}

function depth(branch: readonly Issue[]): number {
  return Math.max(0, ...branch.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
}

function unknownKeyCount(branch: readonly Issue[]): number {
  return branch.reduce((count, issue) => count + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'keys with values',
  record: 'keys with values',
  array: 'a list',
  string: 'a text; numbers and dates need quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_value') return ` (one of ${issue.values.map(String).join(', ')})`;
  if (issue.code === 'invalid_type') return ` (expected: ${typeNames[issue.expected] ?? issue.expected})`;
  return '';
}

function lowerFirst(text: string): string {
  return text.replace(/\.$/u, '').replace(/^[A-Z](?=[a-z])/u, (letter) => letter.toLowerCase());
}

function lastKey(path: KeyPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'The document';
  if (typeof last === 'string') return last;
  return `Entry ${last + 1} of ${lastKey(path.slice(0, -1))}`;
}

/** A key that the schema does not know, with the closest known one. */
export function unknownKeyProblem(
  path: KeyPath,
  known: readonly string[],
  locator: Locator,
  severity: 'error' | 'warning',
): Problem {
  const key = String(path.at(-1));
  const closest = closestWord(key, known);
  const list = known.length === 0 ? '' : ` Known keys here: ${known.join(', ')}.`;
  return {
    code: 'UNKNOWN_KEY',
    severity,
    message: `Unknown key "${key}".`,
    resolution: closest === undefined ? `Remove it.${list}` : `Did you mean "${closest}"?`,
    location: locator.locate(path, 'key'),
  };
}
