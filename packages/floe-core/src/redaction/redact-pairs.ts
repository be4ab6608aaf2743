import { isHarmlessValue, isSecretEnding, secretWords } from './secret-keys.js';

const mask = '***';

const keyPattern = new RegExp(secretWords, 'gi');
/** The rest of the key, its closing quote, the separator. All repetitions are bounded: no text makes it slow. */
const afterKey = /([\w.-]{0,80})(\\{0,8}["'`]?)\]?[ \t]{0,8}(=>|:=|==?|:(?!\/\/)|>)[ \t]{0,8}/y;
const openingQuote = /(?:[a-z]{0,2}|\w{1,30}\()(\\{0,8}["'`])/iy;
const authenticationScheme = /(?:bearer|basic|token|apikey|negotiate|ntlm)[ \t]{1,8}/iy;
const manyPartScheme = /(?:digest|oauth|aws4-hmac-sha256|signature|hawk)[ \t]/iy;
const sqlLiteral = /[ \t]{1,8}'/y;
/** `tokens: 5` counts tokens. */
const count = /[0-9][0-9_.,]{0,20}(?![^\s}\])&;,])/y;
const optionValue = /([\w-]{0,80})[ \t]{1,8}(?!-)/y;

interface Span {
  readonly begin: number;
  readonly end: number;
}

/** Replaces the values of secret-looking pairs: `password=x`, `"token": "x"`, `Authorization: Bearer x`, `--secret x`. */
export function redactPairs(text: string): string {
  let result = '';
  let done = 0;
  for (const match of text.matchAll(keyPattern)) {
    if (match.index < done) continue;
    const value = findValue(text, match.index, match.index + match[0].length);
    if (value === undefined || value.end <= value.begin) continue;
    if (isHarmlessValue(text.slice(value.begin, value.end))) continue;
    result += text.slice(done, value.begin) + mask;
    done = value.end;
  }
  return result + text.slice(done);
}

function findValue(text: string, keyBegin: number, keyEnd: number): Span | undefined {
  const word = text.slice(keyBegin, keyEnd);
  const pair = matchAt(afterKey, text, keyEnd);
  if (pair === undefined) return valueWithoutSeparator(text, keyBegin, keyEnd, word);
  const [whole = '', ending = '', , separator = ''] = pair;
  if (!isSecretEnding(ending) || isProse(text, keyBegin, word)) return undefined;
  const begin = keyEnd + whole.length;
  if (/s$/i.test(ending) && matchAt(count, text, begin) !== undefined) return undefined;
  if (separator === '>') return { begin, end: lengthUntil(text, begin, /[<\r\n]/g) };
  if (/^(?:old)?pwd$/i.test(word) && text[begin] === '/') return undefined; // the working folder of a shell

  const quote = matchAt(openingQuote, text, begin);
  if (quote !== undefined) {
    const inner = begin + quote[0].length;
    return { begin: inner, end: endOfQuoted(text, inner, quote[1] ?? '"') };
  }
  if (/^(?:authorization|cookie)$/i.test(word)) {
    const end = matchAt(manyPartScheme, text, begin) === undefined ? /["'`\r\n]/g : /[\r\n]/g;
    return { begin, end: lengthUntil(text, begin, end) };
  }
  const scheme = matchAt(authenticationScheme, text, begin);
  const valueBegin = begin + (scheme?.[0].length ?? 0);
  if (separator === ':' && startsLine(text, keyBegin)) return { begin, end: lengthUntil(text, begin, /[\r\n]/g) };
  return { begin: valueBegin, end: lengthUntil(text, valueBegin, separator === ':' ? /[\s"'`]/g : /[\s&"'`]/g) };
}

/** `PASSWORD 'x'` of SQL and `--password x` of a command line. */
function valueWithoutSeparator(text: string, keyBegin: number, keyEnd: number, word: string): Span | undefined {
  if (word === word.toUpperCase()) {
    const literal = matchAt(sqlLiteral, text, keyEnd);
    if (literal !== undefined) {
      const begin = keyEnd + literal[0].length;
      return { begin, end: endOfQuoted(text, begin, "'") };
    }
  }
  const option = matchAt(optionValue, text, keyEnd);
  if (option === undefined || !isSecretEnding(option[1] ?? '')) return undefined;
  if (!/(?:^|[\s"'`])--?[\w-]{0,80}$/.test(text.slice(Math.max(0, keyBegin - 90), keyBegin))) return undefined;
  const begin = keyEnd + option[0].length;
  const quote = matchAt(openingQuote, text, begin);
  if (quote !== undefined) {
    const inner = begin + quote[0].length;
    return { begin: inner, end: endOfQuoted(text, inner, quote[1] ?? '"') };
  }
  return { begin, end: lengthUntil(text, begin, /[\s"'`]/g) };
}

/** Parsers of every language complain about an `unexpected token: x`. */
function isProse(text: string, keyBegin: number, word: string): boolean {
  return /^token$/i.test(word) && /unexpected $/i.test(text.slice(Math.max(0, keyBegin - 11), keyBegin));
}

function startsLine(text: string, keyBegin: number): boolean {
  const before = text.slice(Math.max(0, keyBegin - 90), keyBegin);
  return /(?:^|[\r\n])[ \t]*(?:- )?["']?[\w.-]*$/.test(before) && (keyBegin <= 90 || /[\r\n]/.test(before));
}

/**
 * The closing quote is written like the opening one. With m backslashes before the opening quote (text inside JSON
 * inside JSON), a closing one has m more than a multiple of 2(m + 1); any other number belongs to the value.
 */
function endOfQuoted(text: string, begin: number, quote: string): number {
  const character = quote.slice(-1);
  const level = quote.length - 1;
  let slashes = 0;
  for (let at = begin; at < text.length; at += 1) {
    const current = text[at];
    if (current === '\n' || current === '\r') return at;
    if (current === character && slashes % (2 * (level + 1)) === level) return at - level;
    slashes = current === '\\' ? slashes + 1 : 0;
  }
  return text.length;
}

function lengthUntil(text: string, begin: number, stop: RegExp): number {
  stop.lastIndex = begin;
  return stop.exec(text)?.index ?? text.length;
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text) ?? undefined;
}
