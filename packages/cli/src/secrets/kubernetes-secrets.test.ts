import { describe, expect, it } from '@jest/globals';
import { readKubernetesSecret, type KubernetesSecretReader } from './kubernetes-secrets.js';

const call = { signal: new AbortController().signal, timeoutMs: 1000 };
const secret = { namespace: null, name: 'dagster' };
const encode = (text: string): string => Buffer.from(text).toString('base64');

function reader(read: KubernetesSecretReader['read']): () => Promise<KubernetesSecretReader> {
  return () => Promise.resolve({ currentNamespace: 'data', read });
}

describe('readKubernetesSecret', () => {
  it('reads all keys of a secret of the current namespace when none is named', async () => {
    const asked: string[] = [];
    const read = (namespace: string, name: string): Promise<Record<string, string>> => {
      asked.push(`${namespace}/${name}`);
      return Promise.resolve({ username: encode('floe'), password: encode('pässword') });
    };
    expect(await readKubernetesSecret(secret, call, reader(read))).toEqual({
      ok: true,
      value: { username: 'floe', password: 'pässword' },
    });
    await readKubernetesSecret({ ...secret, namespace: 'ops' }, call, reader(read));
    expect(asked).toEqual(['data/dagster', 'ops/dagster']);
  });

  it.each([
    [404, 'does not exist'],
    [403, 'may not be read'],
    [500, 'could not be read (status 500)'],
  ])('explains status %d without the answer of the server', async (code, text) => {
    const refusal = Object.assign(new Error('body with canary-value'), { code });
    const outcome = await readKubernetesSecret(
      secret,
      call,
      reader(() => Promise.reject(refusal)),
    );
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'SECRET_NOT_FOUND' } });
    expect(JSON.stringify(outcome)).toContain(text);
    expect(JSON.stringify(outcome)).not.toContain('canary-value');
  });

  it('gives up at the deadline and when the command is cancelled', async () => {
    const never = reader(() => new Promise(() => undefined));
    const late = await readKubernetesSecret(secret, { ...call, timeoutMs: 5 }, never);
    expect(late).toMatchObject({ ok: false, failure: { code: 'SECRET_NOT_FOUND' } });
    expect(JSON.stringify(late)).toContain('in time');
    const cancelled = await readKubernetesSecret(secret, { ...call, signal: AbortSignal.abort() }, never);
    expect(cancelled).toMatchObject({ ok: false, failure: { code: 'CANCELLED' } });
  });
});
