import { describe, expect, it } from '@jest/globals';
import { failure, success } from '@floe/core/outcome/outcome';
import { InputError } from '@floe/core/errors/floe-error';
import type { HttpClientSettings } from '@floe/core/http/http-client';
import type { PluginContext } from '@floe/core/plugin-interfaces';
import { createRedactor } from '@floe/core/redaction/create-redactor';
import { FakeClock } from '@floe/core/testing/fake-clock';
import { createSeededRandom } from '@floe/core/testing/seeded-random';
import { call } from '../tests/support/prefect-recordings.js';
import { prefectConfigSchema } from './prefect-config.js';
import { openConnection } from './prefect-session.js';

const secrets: Readonly<Record<string, string>> = {
  'env:AUTH': 'floe:pa:ss-canary',
  'env:KEY': 'pnu_canary',
  'env:JSON': JSON.stringify({ username: 'floe', password: 'canary' }),
  'env:TEXT': 'floe:canary',
  'env:HEADER': 'Bearer canary',
  'env:PEM': 'certificate',
};

async function open(
  config: Readonly<Record<string, unknown>>,
  connectionSecretRef: string | null = null,
): Promise<{
  opened: Awaited<ReturnType<typeof openConnection>>;
  settings: HttpClientSettings | undefined;
  redact: (text: string) => string;
}> {
  const redactor = createRedactor();
  let settings: HttpClientSettings | undefined;
  const context: PluginContext = {
    config: {},
    connectionSecretRef,
    secrets: {
      resolve: (reference) => {
        const value = secrets[reference];
        const missing = new InputError({ code: 'SECRET_NOT_FOUND', message: 'missing', resolution: 'set it' });
        return Promise.resolve(value === undefined ? failure(missing) : success(value));
      },
    },
    http: (given) => {
      settings = given;
      return { send: () => Promise.reject(new TypeError('nothing is sent')) };
    },
    clock: new FakeClock(),
    random: createSeededRandom(1),
    redactor,
    log: () => undefined,
  };
  const opened = await openConnection(prefectConfigSchema.parse(config), context, call);
  return { opened, settings, redact: (text) => redactor.redactText(text) };
}

const url = 'http://prefect:4200/api';
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('openConnection', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string | null, string | undefined]>([
    ['nothing', {}, null, undefined],
    ['auth_string', { auth_string: 'env:AUTH' }, null, basic('floe:pa:ss-canary')],
    ['api_key', { api_key: 'env:KEY' }, null, 'Bearer pnu_canary'],
    ['a secret with user and password', {}, 'env:JSON', basic('floe:canary')],
    ['a secret with an auth string', {}, 'env:TEXT', basic('floe:canary')],
    ['a secret with a key', {}, 'env:KEY', 'Bearer pnu_canary'],
    ['a header', { headers: { Authorization: 'env:HEADER' } }, null, 'Bearer canary'],
  ])('sends %s as Prefect expects it', async (_, config, reference, header) => {
    const { opened, settings, redact } = await open({ url, ...config }, reference);
    expect(opened.ok).toBe(true);
    const headers = Object.entries(settings?.headers ?? {});
    expect(headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]).toBe(header);
    if (header !== undefined) expect(redact(`x ${header} y`)).not.toContain(header);
  });

  it.each<[Readonly<Record<string, unknown>>, string | null]>([
    [{ auth_string: 'env:AUTH', api_key: 'env:KEY' }, null],
    [{ auth_string: 'env:AUTH' }, 'env:KEY'],
    [{ api_key: 'env:KEY', headers: { authorization: 'env:HEADER' } }, null],
  ])('refuses two credentials: %j', async (config, reference) => {
    const { opened } = await open({ url, ...config }, reference);
    expect(opened).toMatchObject({ ok: false, failure: { code: 'INVALID_VALUE' } });
    expect(JSON.stringify(opened)).not.toContain('canary');
  });

  it('says what is missing', async () => {
    expect((await open({})).opened).toMatchObject({ failure: { code: 'MISSING_VALUE' } });
    expect((await open({ url, auth_string: 'env:NOPE' })).opened).toMatchObject({
      failure: { code: 'SECRET_NOT_FOUND' },
    });
    expect((await open({ url, auth_string: 'env:KEY' })).opened).toMatchObject({
      failure: { code: 'INVALID_VALUE', message: expect.stringContaining('no colon') },
    });
    expect((await open({ url, tls: { client_key: 'env:PEM' } })).opened).toMatchObject({
      failure: { code: 'MISSING_VALUE' },
    });
  });

  it('takes certificates', async () => {
    const tls = { certificate_authority: 'env:PEM', client_certificate: 'env:PEM', client_key: 'env:PEM' };
    const { settings } = await open({ url, tls });
    expect(settings).toMatchObject({ certificateAuthority: 'certificate', clientCertificate: { key: 'certificate' } });
  });
});
