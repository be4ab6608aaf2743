import type { ErrorCode } from './error-codes.js';

/** Where something is wrong. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The dbt unique_id or the path of the key, for example `transforms[0].dependsOn[1]`. */
  readonly node?: string;
}

/** One finding about an input: what is wrong, where, and what to do next. */
export interface Problem {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly resolution: string;
  readonly location?: SourceLocation;
}

/** `file:line:column (node)` of a location, as far as it is known. */
export function formatLocation(location: SourceLocation): string {
  const position = [location.file, location.line, location.column].filter((part) => part !== undefined).join(':');
  if (location.node === undefined) return position;
  return position === '' ? location.node : `${position} (${location.node})`;
}

/** True if any of the findings is an error. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
