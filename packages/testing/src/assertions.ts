import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { errorCategories, type ErrorCode } from '@floe/core/errors/error-codes';
import { FloeError } from '@floe/core/errors/floe-error';

/** Fails when a secret can be found anywhere in a value, also hidden from JSON. */
export function assertNoSecret(value: unknown, secrets: readonly string[]): void {
  const text = `${inspect(value, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null })}\n${JSON.stringify(value ?? null)}`;
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      assert.ok(!text.includes(form), 'a secret can be seen in what the plugin gives out');
    }
  }
}

/** Fails when a text for people looks like the stack of a program. */
export function assertNoStack(text: string): void {
  assert.doesNotMatch(
    text,
    /^\s+at .+:\d+:\d+\)?$|^Traceback \(most recent|^\s*File ".+", line \d+/m,
    'a stack trace can be seen',
  );
}

/** Fails unless the value is an error of floe that a person can work with. */
export function assertUsefulError(error: unknown, codes?: readonly ErrorCode[]): asserts error is FloeError {
  assert.ok(FloeError.isInstance(error), `this is no error of floe: ${inspect(error)}`);
  assert.ok(Object.hasOwn(errorCategories, error.code), `${error.code} is no code of floe`);
  if (codes !== undefined) {
    assert.ok(
      codes.includes(error.code),
      `the code is ${error.code} (${error.message}), expected ${codes.join(' or ')}`,
    );
  }
  assert.notEqual(error.message.trim(), '', 'the error has no message');
  assert.notEqual(error.resolution.trim(), '', 'the error does not say what to do');
  const document = JSON.stringify(error);
  assert.ok(!document.includes('"stack"'), 'the error gives its stack away');
  assertNoStack(error.message);
  assertNoStack(error.resolution);
}

/** The error of a call that has to fail; calls that return a promise and calls that throw at once are the same. */
export async function errorOf(call: () => unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    return error;
  }
  return assert.fail(`this should have failed, but gave ${inspect(value, { depth: 2 })}`);
}

/** Fails with the differences when two sets of texts are not the same. */
export function assertSameSet(actual: Iterable<string>, expected: Iterable<string>, what: string): void {
  const have = new Set(actual);
  const want = new Set(expected);
  const missing = [...want].filter((item) => !have.has(item));
  const surplus = [...have].filter((item) => !want.has(item));
  assert.deepEqual(
    { missing, surplus },
    { missing: [], surplus: [] },
    `${what}: missing ${list(missing)}; surplus ${list(surplus)}`,
  );
}

/** Fails when a text occurs twice. */
export function assertUnique(items: readonly string[], what: string): void {
  const twice = items.filter((item, index) => items.indexOf(item) !== index);
  assert.deepEqual(twice, [], `${what} more than once: ${list(twice)}`);
}

/** Freezes data through and through, so that a change by the plugin throws. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item as unknown);
  }
  return value;
}

function list(items: readonly string[]): string {
  if (items.length === 0) return 'nothing';
  return items.length > 5 ? `${items.slice(0, 5).join(', ')} and ${items.length - 5} more` : items.join(', ');
}
