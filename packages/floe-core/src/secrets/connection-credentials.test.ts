import { describe, expect, it } from '@jest/globals';
import { success } from '../outcome/outcome.js';
import { resolveConnectionCredentials } from './connection-credentials.js';

const call = { signal: new AbortController().signal, timeoutMs: 1000 };

async function credentials(secret: string) {
  const registered: string[] = [];
  const outcome = await resolveConnectionCredentials(
    'secret',
    {
      secrets: { resolve: () => Promise.resolve(success(secret)) },
      redactor: {
        register: (value) => void registered.push(value),
        redactText: (text) => text,
        redactValue: (value) => value,
      },
    },
    call,
  );
  return { outcome, registered };
}

describe('resolveConnectionCredentials', () => {
  it.each([
    ['abc\n', { kind: 'token', token: 'abc' }, []],
    ['{"token":"abc"}', { kind: 'token', token: 'abc' }, ['abc']],
    ['{"username":"a","password":"b c"}', { kind: 'basic', username: 'a', password: 'b c' }, ['b c']],
    ['{"headers":"{\\"X-Key\\":\\"k1\\"}"}', { kind: 'headers', headers: { 'X-Key': 'k1' } }, ['k1']],
    [
      '{"headers":"X-Key: k1\\nX-Other: k2"}',
      { kind: 'headers', headers: { 'X-Key': 'k1', 'X-Other': 'k2' } },
      ['k1', 'k2'],
    ],
    ['{not json', { kind: 'token', token: '{not json' }, []],
  ])('reads %s', async (secret, value, parts) => {
    const { outcome, registered } = await credentials(secret);
    expect(outcome).toEqual({ ok: true, value });
    expect(registered).toEqual(expect.arrayContaining([secret, ...parts]));
  });

  it.each(['{"user":"a"}', '{"headers":"nothing"}', '{"headers":{"a":1}}', '{"username":"a"}'])(
    'refuses %s without repeating it',
    async (secret) => {
      const { outcome } = await credentials(secret);
      expect(outcome).toMatchObject({ ok: false, failure: { code: 'SECRET_NOT_FOUND' } });
    },
  );

  it('needs nothing without a reference', async () => {
    const context = {
      secrets: { resolve: () => Promise.reject(new Error('asked')) },
      redactor: {
        register: () => undefined,
        redactText: (text: string) => text,
        redactValue: (value: unknown) => value,
      },
    };
    expect(await resolveConnectionCredentials(null, context, call)).toEqual({ ok: true, value: { kind: 'none' } });
  });
});
