/** Where a JSON text stops being JSON; lines and columns count from 1, `atEnd` means that the text is cut off. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
  readonly atEnd: boolean;
}

const token =
  /[ \t\n\r]*(?:([[{])|([\]}])|(,)|(:)|("(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true(?!\w)|false(?!\w)|null(?!\w)))/uy;

/** What may come next. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

/** The place of the first syntax error; the messages of JSON.parse do not always name it. */
export function jsonSyntaxPosition(text: string): JsonPosition {
  const offset = errorOffset(text);
  const before = text.slice(0, offset);
  return {
    line: before.split('\n').length,
    column: offset - before.lastIndexOf('\n'),
    atEnd: offset >= text.trimEnd().length || isUnfinishedToken(text.slice(offset)),
  };
}

function errorOffset(text: string): number {
  const open: string[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    token.lastIndex = offset;
    const match = token.exec(text);
    const start = offset + (/^[ \t\n\r]*/u.exec(text.slice(offset, offset + 10_000))?.[0].length ?? 0);
    if (match === null) return start;
    const [, opening, closing, comma, colon, string, literal] = match;
    const next = step(expected, open, { opening, closing, comma, colon, string, literal });
    if (next === undefined) return start;
    expected = next;
    offset = token.lastIndex;
  }
}

interface Token {
  readonly opening: string | undefined;
  readonly closing: string | undefined;
  readonly comma: string | undefined;
  readonly colon: string | undefined;
  readonly string: string | undefined;
  readonly literal: string | undefined;
}

function step(expected: Expected, open: string[], found: Token): Expected | undefined {
  const wantsValue = expected === 'value' || expected === 'value or end';
  const after = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end');
  if (found.opening !== undefined && wantsValue) {
    open.push(found.opening);
    return found.opening === '{' ? 'key or end' : 'value or end';
  }
  if (found.closing !== undefined && expected.endsWith('or end')) {
    if (open.at(-1) !== (found.closing === '}' ? '{' : '[')) return undefined;
    open.pop();
    return after();
  }
  if (found.string !== undefined && (expected === 'key' || expected === 'key or end')) return 'colon';
  if ((found.string ?? found.literal) !== undefined && wantsValue) return after();
  if (found.colon !== undefined && expected === 'colon') return 'value';
  if (found.comma !== undefined && expected === 'comma or end') return open.at(-1) === '{' ? 'key' : 'value';
  return undefined;
}

/** A string without its closing quote, or the beginning of true, false, null or a number, up to the end. */
function isUnfinishedToken(rest: string): boolean {
  return /^(?:"(?:[^"\\\n]|\\.)*\\?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|-?\d+(?:\.|\.?\d*[eE][+-]?))\s*$/u.test(rest);
}
