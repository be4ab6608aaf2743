import { isNativeError } from 'node:util/types';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';
import type { Problem, SourceLocation } from '../errors/problem.js';
import { formatKeyPath, type KeyPath, type Locator } from './key-path.js';

/** A YAML or JSON text as plain data, with the place of every key. `value` is undefined when the text is broken. */
export interface YamlReading {
  readonly locator: Locator;
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** Reads one YAML 1.2 document; duplicate keys, several documents and alias bombs are errors. */
export function readYaml(text: string, file: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    strict: true,
    stringKeys: true,
  });
  const locator = createLocator(document, lines, file);
  if (document.errors.length > 0) {
    return { locator, value: undefined, problems: document.errors.map((error) => syntaxProblem(error, lines, file)) };
  }
  try {
    return { locator, value: document.toJS({ maxAliasCount: 100 }) as unknown, problems: [] };
  } catch (error) {
    const reason = isNativeError(error) ? error.message : 'it cannot be read';
    const problem: Problem = {
      code: 'YAML_SYNTAX',
      severity: 'error',
      message: `The YAML text cannot be used: ${reason}.`,
      resolution: 'Write the values out instead of using anchors and aliases.',
      location: { file },
    };
    return { locator, value: undefined, problems: [problem] };
  }
}

function syntaxProblem(error: YAMLError, lines: LineCounter, file: string): Problem {
  const { line, col } = lines.linePos(error.pos[0]);
  const duplicate = error.code === 'DUPLICATE_KEY';
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: duplicate
      ? 'This key is given twice in the same mapping.'
      : // quoted source text is cut off: it could be a secret
        `The YAML text is broken: ${error.message.replace(/\s*[:(]?\s*["'].*$/su, '').replace(/\.$/u, '')}.`,
    resolution: duplicate
      ? 'Remove one of the two entries.'
      : 'Check indentation, quotes and brackets at this place and just before it.',
    location: { file, line, column: col },
  };
}

function createLocator(document: Document, lines: LineCounter, file: string): Locator {
  return {
    file,
    locate(path, part = 'value'): SourceLocation {
      const offset = offsetOf(document, path, part);
      const node = formatKeyPath(path);
      const position = offset === undefined ? undefined : lines.linePos(offset);
      return {
        file,
        ...(position !== undefined && position.line > 0 && { line: position.line, column: position.col }),
        ...(node !== '' && { node }),
      };
    },
  };
}

function offsetOf(document: Document, path: KeyPath, part: 'key' | 'value'): number | undefined {
  let current: unknown = document.contents;
  let offset = rangeStart(current);
  for (const [depth, segment] of path.entries()) {
    if (isAlias(current)) current = current.resolve(document);
    if (isMap(current)) {
      const pair = pairOf(current, String(segment));
      if (pair === undefined) return offset;
      const keyOffset = rangeStart(pair.key);
      const wantsKey = part === 'key' && depth === path.length - 1;
      offset = wantsKey ? keyOffset : (rangeStart(pair.value) ?? keyOffset);
      current = pair.value;
    } else if (isSeq(current)) {
      const item = current.items[Number(segment)];
      if (item === undefined) return offset;
      offset = rangeStart(item) ?? offset;
      current = item;
    } else return offset;
  }
  return offset;
}

function pairOf(map: { readonly items: readonly { readonly key: unknown; readonly value: unknown }[] }, name: string) {
  const spellings = [name, camelCase(name), snakeCase(name)];
  for (const spelling of spellings) {
    const found = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === spelling);
    if (found !== undefined) return found;
  }
  return undefined;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
