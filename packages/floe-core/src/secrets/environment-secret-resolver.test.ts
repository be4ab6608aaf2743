import { describe, expect, it } from '@jest/globals';
import { FloeError } from '../errors/floe-error.js';
import { failure, success } from '../outcome/outcome.js';
import { createSecretResolver, type SecretSources } from './environment-secret-resolver.js';

const call = { signal: new AbortController().signal, timeoutMs: 5000 };

function resolver(more: Partial<SecretSources> = {}) {
  return createSecretResolver({
    env: { TOKEN: 'abc', EMPTY: '' },
    readFile: (path) =>
      path === '/run/secret' ? Promise.resolve('def\n') : Promise.reject(new Error('ENOENT: /hidden/detail')),
    ...more,
  });
}

describe('createSecretResolver', () => {
  it.each([
    ['env:TOKEN', 'abc'],
    ['file:/run/secret', 'def'],
  ])('reads %s', async (reference, value) => {
    expect(await resolver().resolve(reference, call)).toEqual({ ok: true, value });
  });

  it('reads a key, or all keys, of a Kubernetes secret', async () => {
    const asked: unknown[] = [];
    const secrets = resolver({
      kubernetes: (secret) => {
        asked.push(secret);
        return Promise.resolve(success({ token: 'ghi', other: 'x' }));
      },
    });
    expect(await secrets.resolve('k8s:team/db#token', call)).toEqual({ ok: true, value: 'ghi' });
    expect(await secrets.resolve('db', call)).toEqual({ ok: true, value: '{"token":"ghi","other":"x"}' });
    expect(await secrets.resolve('k8s:team/db#constructor', call)).toMatchObject({
      ok: false,
      failure: { code: 'SECRET_NOT_FOUND' },
    });
    expect(asked.slice(0, 2)).toEqual([
      { namespace: 'team', name: 'db' },
      { namespace: null, name: 'db' },
    ]);
  });

  it.each([
    ['env:NOTHING', 'SECRET_NOT_FOUND'],
    ['env:EMPTY', 'SECRET_NOT_FOUND'],
    ['file:/run/nothing', 'SECRET_NOT_FOUND'],
    ['k8s:team/db#token', 'SECRET_NOT_FOUND'],
    ['env:not legal', 'INVALID_VALUE'],
  ])('fails for %s with %s', async (reference, code) => {
    const outcome = await resolver().resolve(reference, call);
    expect(outcome).toMatchObject({ ok: false, failure: { code } });
    expect(JSON.stringify(outcome)).not.toContain('hidden');
  });

  it('passes on the failure of Kubernetes', async () => {
    const error = new FloeError({ code: 'CONNECTION_FORBIDDEN', message: 'no', resolution: 'ask' });
    const outcome = await resolver({ kubernetes: () => Promise.resolve(failure(error)) }).resolve('k8s:a/b#c', call);
    expect(outcome).toEqual({ ok: false, failure: error });
  });

  it('does not wait for a file for ever', async () => {
    const secrets = resolver({ readFile: () => new Promise<string>(() => undefined) });
    expect(await secrets.resolve('file:/run/secret', { ...call, timeoutMs: 20 })).toMatchObject({
      ok: false,
      failure: { code: 'SECRET_NOT_FOUND' },
    });
    const cancelled = await secrets.resolve('file:/run/secret', { ...call, signal: AbortSignal.timeout(20) });
    expect(cancelled).toMatchObject({ ok: false, failure: { code: 'CANCELLED' } });
    expect(await secrets.resolve('env:TOKEN', { ...call, signal: AbortSignal.abort() })).toMatchObject({
      failure: { code: 'CANCELLED' },
    });
  });
});
