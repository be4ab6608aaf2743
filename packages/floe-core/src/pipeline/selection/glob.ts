/**
 * Shell patterns as Python's fnmatch reads them, which dbt uses: `*` any run of characters (dots and slashes too),
 * `?` one character, `[abc]`, `[a-z]`, `[!abc]`. Case matters. Takes time proportional to pattern × text at most.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  if (!isGlob(pattern)) return (text) => text === pattern;
  const tokens = parseGlob(Array.from(pattern));
  return (text) => matchesTokens(Array.from(text), tokens);
}

/** Whether one text matches one pattern; `compileGlob` is for many texts. */
export function matchesGlob(text: string, pattern: string): boolean {
  return compileGlob(pattern)(text);
}

/** Goes back to the last star only, which is enough for patterns of this kind. */
function matchesTokens(characters: readonly string[], tokens: readonly Token[]): boolean {
  let position = 0;
  let token = 0;
  let star = -1;
  let starPosition = 0;
  while (position < characters.length) {
    const current = tokens[token];
    if (current === 'any-run') {
      star = token;
      starPosition = position;
      token += 1;
    } else if (current?.(characters[position] ?? '') === true) {
      position += 1;
      token += 1;
    } else if (star >= 0) {
      starPosition += 1;
      position = starPosition;
      token = star + 1;
    } else {
      return false;
    }
  }
  while (tokens[token] === 'any-run') token += 1;
  return token === tokens.length;
}

/** True if the text has a character that makes it a pattern. */
export function isGlob(text: string): boolean {
  return /[*?[\]]/.test(text);
}

type Token = 'any-run' | ((character: string) => boolean);

function parseGlob(pattern: readonly string[]): Token[] {
  const tokens: Token[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === '*') {
      if (tokens.at(-1) !== 'any-run') tokens.push('any-run');
    } else if (character === '?') {
      tokens.push(() => true);
    } else if (character === '[') {
      const end = endOfClass(pattern, index);
      if (end === undefined) {
        tokens.push((other) => other === '[');
      } else {
        tokens.push(characterClass(pattern.slice(index + 1, end)));
        index = end;
      }
    } else {
      tokens.push((other) => other === character);
    }
  }
  return tokens;
}

/** A `]` right after `[` or `[!` is a member of the class; without an end the `[` is a plain character. */
function endOfClass(pattern: readonly string[], start: number): number | undefined {
  let index = start + 1;
  if (pattern[index] === '!') index += 1;
  if (pattern[index] === ']') index += 1;
  const end = pattern.indexOf(']', index);
  return end < 0 ? undefined : end;
}

function characterClass(content: readonly string[]): (character: string) => boolean {
  const negated = content[0] === '!';
  const members = negated ? content.slice(1) : content;
  const ranges: (readonly [number, number])[] = [];
  for (let index = 0; index < members.length; index += 1) {
    const first = codeOf(members[index]);
    const isRange = members[index + 1] === '-' && index + 2 < members.length;
    ranges.push([first, isRange ? codeOf(members[index + 2]) : first]);
    if (isRange) index += 2;
  }
  return (character) => {
    const code = codeOf(character);
    return ranges.some(([first, last]) => first <= code && code <= last) !== negated;
  };
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? -1;
}
