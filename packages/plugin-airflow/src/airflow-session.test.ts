import { describe, expect, it } from '@jest/globals';
import type { FloeError } from '@floe/core/errors/floe-error';
import type { HttpClientSettings, HttpRequest } from '@floe/core/http/http-client';
import type { Outcome } from '@floe/core/outcome/outcome';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import type { Redactor } from '@floe/core/redaction/redactor';
import { createSecretResolver } from '@floe/core/secrets/environment-secret-resolver';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { systemRandom } from '@floe/core/time/random';
import { answer, recorded } from '../tests/support/airflow-recordings.js';
import { anyAnswer, apiPath } from './airflow-client.js';
import { airflowConfigSchema } from './airflow-config.js';
import { openConnection, type AirflowConnection } from './airflow-session.js';

const secret = 'Zq9-secret-canary';
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };
const url = 'https://airflow.example.com/prod/';

interface Opened {
  readonly opened: Outcome<AirflowConnection, FloeError>;
  readonly settings: HttpClientSettings | undefined;
  readonly redactor: Redactor;
  readonly sent: HttpRequest[];
}

async function open(
  config: Readonly<Record<string, unknown>>,
  reference: string | null = null,
  value = secret,
): Promise<Opened> {
  let settings: HttpClientSettings | undefined;
  const sent: HttpRequest[] = [];
  const redactor = createRedactor();
  const opened = await openConnection(
    airflowConfigSchema.parse(config),
    {
      config,
      connectionSecretRef: reference,
      secrets: createSecretResolver({
        env: { TOKEN: value, OTHER: 'other-token' },
        readFile: () => Promise.reject(new TypeError('none')),
      }),
      http: (given) => {
        settings = given;
        return {
          send: (request) => {
            sent.push(request);
            const login = request.method === 'POST' ? recorded('token-ok') : recorded('config-forbidden');
            const response = request.url.endsWith('/auth/token') ? login : answer({});
            return Promise.resolve({ kind: 'response', response });
          },
        };
      },
      clock: new FakeClock(),
      random: systemRandom,
      redactor,
      log: () => undefined,
    },
    call,
  );
  return { opened, settings, redactor, sent };
}

async function ask({ opened }: Opened): Promise<unknown> {
  if (!opened.ok) throw opened.failure;
  return opened.value.client.send({ method: 'GET', path: apiPath('dags') }, anyAnswer, call);
}

describe('openConnection', () => {
  it('says what to do without an address', async () => {
    const { opened } = await open({});
    expect(opened).toMatchObject({ ok: false, failure: { code: 'MISSING_VALUE' } });
    if (!opened.ok) expect(opened.failure.resolution).toContain('floe platform start');
  });

  it('sends a token as it is given', async () => {
    const given = await open({ url }, 'env:TOKEN');
    await ask(given);
    expect(given.sent).toMatchObject([
      { url: 'https://airflow.example.com/prod/api/v2/dags', headers: { authorization: `Bearer ${secret}` } },
    ]);
    expect(given.redactor.redactText(`x ${secret}`)).not.toContain(secret);
  });

  it('logs in with user and password, and hides the token that it gets', async () => {
    const given = await open({ url }, 'env:TOKEN', JSON.stringify({ username: 'ann', password: secret }));
    await ask(given);
    expect(given.sent).toMatchObject([
      {
        method: 'POST',
        url: 'https://airflow.example.com/prod/auth/token',
        json: { username: 'ann', password: secret },
      },
      { headers: { authorization: 'Bearer header.payload.signature' } },
    ]);
    expect(given.redactor.redactText('header.payload.signature')).not.toContain('payload');
  });

  it('takes `credentials` before the reference of the manifest', async () => {
    const given = await open({ url, credentials: 'env:OTHER' }, 'env:TOKEN');
    await ask(given);
    expect(given.sent[0]?.headers).toMatchObject({ authorization: 'Bearer other-token' });
  });

  it('gives headers, certificates and keys to the client', async () => {
    const tls = { certificate_authority: 'env:TOKEN', client_certificate: 'env:OTHER', client_key: 'env:TOKEN' };
    const { settings } = await open(
      { url, headers: { 'X-Key': 'env:OTHER' }, tls },
      'env:TOKEN',
      '{"headers": {"X-A": "b"}}',
    );
    expect(settings).toMatchObject({
      headers: { 'X-A': 'b', 'X-Key': 'other-token' },
      clientCertificate: { certificate: 'other-token' },
    });
    const half = await open({ url, tls: { client_key: 'env:TOKEN' } });
    expect(half.opened).toMatchObject({ ok: false, failure: { code: 'MISSING_VALUE' } });
  });

  it('says which secret is missing', async () => {
    const { opened } = await open({ url }, 'env:NOT_THERE');
    expect(opened).toMatchObject({ ok: false, failure: { code: 'SECRET_NOT_FOUND' } });
  });

  it('asks an Airflow without credentials for a token, and says when it wants some', async () => {
    expect(await ask(await open({ url }))).toMatchObject({ ok: false, failure: { code: 'CONNECTION_UNAUTHORIZED' } });
  });
});
