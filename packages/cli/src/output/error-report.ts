import type { ErrorDocument } from '@floe/core/errors/floe-error';
import { formatLocation, type Problem } from '@floe/core/errors/problem';
import { relative } from 'node:path';
import type { Styles } from './styles.js';

export interface ErrorReportOptions {
  readonly styles: Styles;
  /** Files below this folder are shown relative to it. */
  readonly directory: string;
}

/** An error for people: place, message, code, next step, and every other finding in the same form. */
export function renderError(error: ErrorDocument, options: ErrorReportOptions): string {
  const problems = error.problems ?? [];
  if (problems.length > 0) return renderProblems(problems, options);
  return [
    block('error', error.code, error.message, error.resolution, options.styles),
    ...renderContext(error.context, options.styles),
  ].join('\n');
}

/** Findings, errors first; a line with the counts ends them when there are several. */
export function renderProblems(problems: readonly Problem[], options: ErrorReportOptions): string {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const warnings = problems.filter((problem) => problem.severity === 'warning');
  const blocks = [...errors, ...warnings].map((problem) => renderProblem(problem, options));
  if (errors.length > 1) {
    const counts = [count(errors.length, 'error'), ...(warnings.length > 0 ? [count(warnings.length, 'warning')] : [])];
    blocks.push(options.styles.bold(`${counts.join(', ')}.`));
  }
  return blocks.join('\n\n');
}

function renderProblem(problem: Problem, { styles, directory }: ErrorReportOptions): string {
  const text = block(problem.severity, problem.code, problem.message, problem.resolution, styles);
  if (problem.location === undefined) return text;
  const { file, ...rest } = problem.location;
  const place = formatLocation(file === undefined ? rest : { ...rest, file: shorten(file, directory) });
  return place === '' ? text : `${styles.bold(place)}\n${text}`;
}

function block(
  severity: Problem['severity'],
  code: string,
  message: string,
  resolution: string,
  styles: Styles,
): string {
  const word = severity === 'error' ? styles.red('error') : styles.yellow('warning');
  const lines = [`${word} ${code}: ${indent(message)}`];
  if (resolution !== '') lines.push(`  ${styles.cyan('next:')} ${indent(resolution)}`);
  return lines.join('\n');
}

/** The parts of the context that people read: single values and lines of a log. */
function renderContext(context: Readonly<Record<string, unknown>>, styles: Styles): string[] {
  return Object.entries(context).flatMap(([name, value]) => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return [`  ${styles.dim(`${name}:`)} ${indent(String(value))}`];
    }
    if (Array.isArray(value) && value.length > 0) {
      return [`  ${styles.dim(`${name}:`)}`, ...value.map((entry: unknown) => `    ${indent(entryText(entry), 4)}`)];
    }
    return [];
  });
}

function entryText(entry: unknown): string {
  if (typeof entry === 'string') return entry;
  if (typeof entry === 'object' && entry !== null && 'text' in entry && typeof entry.text === 'string')
    return entry.text;
  return JSON.stringify(entry);
}

function indent(text: string, columns = 2): string {
  return text.trimEnd().replaceAll('\n', `\n${' '.repeat(columns)}`);
}

function shorten(file: string, directory: string): string {
  const short = relative(directory, file);
  return short !== '' && !short.startsWith('..') && short.length < file.length ? short : file;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
