import { types } from 'node:util';
import { redactPairs } from './redact-pairs.js';
import { redactShapes } from './redact-shapes.js';
import type { Redactor } from './redactor.js';
import { formsOfSecret } from './secret-forms.js';
import { isHarmlessValue, isSecretKey } from './secret-keys.js';

const mask = '***';
const deepest = 50;

/**
 * A redactor with an empty registry. Values shorter than four characters are not registered: replacing them would
 * blot out ordinary text; secret-looking keys and URLs cover them.
 */
export function createRedactor(): Redactor {
  const registered = new Set<string>();
  let forms: string[] = [];

  const redactText = (text: string): string => {
    let current = text;
    // A replacement may bring two halves together; each round that finds something makes the text shorter or masks more.
    for (let round = 0; round < 10; round += 1) {
      const next = redactShapes(redactPairs(redactKnown(current, forms)));
      if (next === current) break;
      current = next;
    }
    return current;
  };

  return {
    register(secret) {
      if (registered.has(secret)) return;
      registered.add(secret);
      forms = [...new Set([...forms, ...formsOfSecret(secret)])];
    },
    redactText,
    redactValue: (value) => redactInside(value, redactText, []),
  };
}

/** Replaces every place where a form stands; overlapping places become one. */
function redactKnown(text: string, forms: readonly string[]): string {
  const places: [begin: number, end: number][] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) places.push([at, at + form.length]);
  }
  if (places.length === 0) return text;
  places.sort((left, right) => left[0] - right[0]);
  let result = '';
  let done = 0;
  for (const [begin, end] of places) {
    if (begin > done || (begin === 0 && done === 0)) result += text.slice(done, begin) + mask;
    done = Math.max(done, end);
  }
  return result + text.slice(done);
}

function redactInside(value: unknown, redactText: (text: string) => string, parents: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || types.isDate(value)) return value;
  if (parents.includes(value)) return '[circular]';
  if (parents.length >= deepest) return '[too deep]';
  const chain = [...parents, value];
  if (Array.isArray(value)) return value.map((item: unknown) => redactInside(item, redactText, chain));
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return '[binary]';
  if (types.isMap(value))
    return redactInside(Object.fromEntries([...value].map(([key, item]) => [String(key), item])), redactText, chain);
  if (types.isSet(value)) return redactInside([...value], redactText, chain);
  const fields = types.isNativeError(value)
    ? Object.assign({ name: value.name, message: value.message }, value)
    : value;
  return Object.fromEntries(
    Object.entries(fields).map(([key, item]: [string, unknown]) => [
      redactText(key),
      isSecretKey(key) && isMaskable(key, item) ? mask : redactInside(item, redactText, chain),
    ]),
  );
}

/** Nothing, a flag, a reference to a secret and a count (`tokens: 5`) may be shown. */
function isMaskable(key: string, value: unknown): boolean {
  if (typeof value === 'string') return !isHarmlessValue(value);
  if (typeof value === 'number' || typeof value === 'bigint') return !/s$/i.test(key);
  return typeof value === 'object' && value !== null;
}
