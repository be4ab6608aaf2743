import { posix } from 'node:path';
import type { Repository } from './repository.js';

const codeSpan = /`([^`\n]+)`/g;
const filePath = /^(?:packages|tools|tests|examples|docs|\.github|\.ci)\/[\w./-]+$/;
const link = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;

/**
 * Files and tests that a page names but that do not exist. A code span `path` names a file or folder;
 * `path › words` names the test in that file whose title holds the words.
 */
export function missingReferences(page: string, repository: Repository): string[] {
  const spans = [...repository.read(page).matchAll(codeSpan)].map((match) => match[1] ?? '');
  return spans.flatMap((span) => {
    const [path = '', title] = span.split(' › ');
    if (!filePath.test(path)) return [];
    if (!repository.exists(path)) return [`${page}: ${path} does not exist`];
    if (title !== undefined && !repository.read(path).includes(title))
      return [`${page}: ${path} has no test "${title}"`];
    return [];
  });
}

/** Relative links of a page that lead nowhere. */
export function brokenLinks(page: string, repository: Repository): string[] {
  const targets = [...repository.read(page).matchAll(link)].map((match) => match[1] ?? '');
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => posix.normalize(posix.join(posix.dirname(page), target)))
    .filter((path) => !repository.exists(path))
    .map((path) => `${page}: ${path} does not exist`);
}

/** Rows of the table of requirements that neither name a file nor say `not yet`. */
export function rowsWithoutEvidence(page: string, repository: Repository): string[] {
  const rows = repository
    .read(page)
    .split('\n')
    .filter((line) => /^\| *REQ-\d/.test(line));
  if (rows.length === 0) return [`${page}: no requirement is listed`];
  return rows
    .filter((row) => !/`[^`]+\.(?:ts|py)[^`]*`|\bnot yet\b/.test(row))
    .map((row) => `${page}: without evidence: ${row}`);
}
