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
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { locator, value: undefined, problems: [emptyProblem(file)] };
  }
  try {
    return { locator, value: document.toJS({ maxAliasCount: 100 }) as unknown, problems: [] };
  } catch (error) {
    return { locator, value: undefined, problems: [aliasProblem(error, file)] };
  }
}

/** What `toJS` refuses; its messages repeat names of the text. */
function aliasProblem(error: unknown, file: string): Problem {
  const unresolved = isNativeError(error) && error.message.startsWith('Unresolved alias');
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: unresolved
      ? 'The YAML text is broken: an alias (*name) has no anchor (&name) before it.'
      : 'The YAML text cannot be used: it repeats too much through aliases.',
    resolution: unresolved
      ? 'Put the text in quotes if it only begins with "*", or add the anchor.'
      : 'Write the values out instead of using anchors and aliases.',
    location: { file },
  };
}

function emptyProblem(file: string): Problem {
  return {
    code: 'MISSING_VALUE',
    severity: 'error',
    message: 'The file is empty.',
    resolution: 'Fill it, starting with apiVersion and kind.',
    location: { file, line: 1, column: 1 },
  };
}

/** Own sentences: those of the library repeat pieces of the text, which may be secret. */
const reasons: Partial<Record<YAMLError['code'], string>> = {
  BAD_ALIAS: 'an alias (*name) is not well formed',
  BAD_DQ_ESCAPE: 'a backslash in double quotes is followed by a character that has no meaning there',
  BAD_INDENT: 'the indentation does not fit',
  BAD_SCALAR_START: 'a value begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a list or a mapping stands where a key is expected',
  BLOCK_IN_FLOW: 'an indented block stands inside brackets or braces',
  KEY_OVER_1024_CHARS: 'a key is too long',
  MISSING_CHAR: 'a quote, a bracket, a comma or a colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line; a colon may be missing',
  MULTIPLE_DOCS: 'there is more than one document in the file',
  NON_STRING_KEY: 'a key is not a text',
  TAB_AS_INDENT: 'a tab is used for indentation',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known',
  UNEXPECTED_TOKEN: 'something stands where it is not expected',
};

function syntaxProblem(error: YAMLError, lines: LineCounter, file: string): Problem {
  const { line, col } = lines.linePos(error.pos[0]);
  const duplicate = error.code === 'DUPLICATE_KEY';
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: duplicate
      ? 'This key is given twice in the same mapping.'
      : `The YAML text is broken: ${reasons[error.code] ?? 'it cannot be read'}.`,
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
