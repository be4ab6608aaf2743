import type { SourceLocation } from '../errors/problem.js';

/** Keys and list indexes from the top of a document to a value. */
export type KeyPath = readonly (string | number)[];

/** Finds the place of a key path in its file; the nearest existing parent when the path itself is not there. */
export interface Locator {
  readonly file: string;
  /** `key` points at the key, `value` (default) at what follows it. Lines and columns count from 1. */
  locate(path: KeyPath, part?: 'key' | 'value'): SourceLocation;
}

/** `transforms[0].dependsOn[1]` for a key path. */
export function formatKeyPath(path: KeyPath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/** The value at a path in plain data, or undefined. */
export function valueAt(data: unknown, path: KeyPath): unknown {
  let current = data;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, segment)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[segment];
  }
  return current;
}
