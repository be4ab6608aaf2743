import { describe, expect, it } from '@jest/globals';
import type { HttpClientSettings } from '@floe/core/http/http-client';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { systemRandom } from '@floe/core/time/random';
import type { Redactor } from '@floe/core/redaction/redactor';
import type { FloeError } from '@floe/core/errors/floe-error';
import type { Outcome } from '@floe/core/outcome/outcome';
import { dagsterConfigSchema } from './dagster-config.js';
import { openConnection, type DagsterConnection } from './dagster-session.js';

const secret = 'Zq9-secret-canary';
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };

async function open(
  config: Readonly<Record<string, unknown>>,
  connectionSecretRef: string | null = null,
  value = secret,
): Promise<{
  opened: Outcome<DagsterConnection, FloeError>;
  settings: HttpClientSettings | undefined;
  redactor: Redactor;
}> {
  let settings: HttpClientSettings | undefined;
  const redactor = createRedactor();
  const opened = await openConnection(
    dagsterConfigSchema.parse(config),
    {
      config,
      connectionSecretRef,
      secrets: createSecretResolver({ env: { TOKEN: value }, readFile: () => Promise.reject(new TypeError('none')) }),
      http: (given) => {
        settings = given;
        return { send: () => Promise.reject(new TypeError('nothing is sent')) };
      },
      clock: new FakeClock(),
      random: systemRandom,
      redactor,
      log: () => undefined,
    },
    call,
  );
  return { opened, settings, redactor };
}

const url = 'https://dagster.example.com/prod/';

describe('openConnection', () => {
  it('says what to do without an address', async () => {
    const { opened } = await open({});
    expect(opened).toMatchObject({ ok: false, failure: { code: 'MISSING_VALUE' } });
    if (!opened.ok) expect(opened.failure.resolution).toContain('floe platform start');
  });

  it('takes a token, a user with a password, or headers', async () => {
    const token = await open({ url }, 'env:TOKEN');
    expect(token.settings?.headers).toMatchObject({ authorization: `Bearer ${secret}` });
    const basic = await open({ url }, 'env:TOKEN', JSON.stringify({ username: 'ann', password: secret }));
    const pair = Buffer.from(`ann:${secret}`).toString('base64');
    expect(basic.settings?.headers).toEqual({ authorization: `Basic ${pair}` });
    expect(basic.redactor.redactText(`header Basic ${pair}`)).not.toContain(pair);
    const headers = await open({ url }, 'env:TOKEN', JSON.stringify({ headers: { 'X-Key': secret } }));
    expect(headers.settings?.headers).toEqual({ 'X-Key': secret });
  });

  it('takes further headers by reference, and keeps every value secret', async () => {
    const { opened, settings, redactor } = await open({ url, headers: { 'X-Team': 'env:TOKEN' } });
    expect(settings?.headers).toEqual({ 'X-Team': secret });
    expect(redactor.redactText(`it is ${secret}`)).not.toContain(secret);
    expect(opened.ok && opened.value.client.url).toBe('https://dagster.example.com/prod');
  });

  it('names the reference of a secret that is missing, never a value', async () => {
    const { opened } = await open({ url, headers: { 'X-Team': 'env:NOT_SET' } });
    expect(opened).toMatchObject({ ok: false, failure: { code: 'SECRET_NOT_FOUND' } });
    expect(JSON.stringify(opened)).not.toContain(secret);
  });

  it('wants certificate and key together', async () => {
    const { opened } = await open({ url, tls: { client_certificate: 'env:TOKEN' } });
    expect(opened).toMatchObject({ ok: false, failure: { code: 'MISSING_VALUE' } });
    const both = await open({ url, tls: { client_certificate: 'env:TOKEN', client_key: 'env:TOKEN' } });
    expect(both.settings?.clientCertificate).toEqual({ certificate: secret, key: secret });
  });
});
