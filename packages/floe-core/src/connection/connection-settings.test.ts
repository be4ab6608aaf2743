import { describe, expect, it } from '@jest/globals';
import { InputError } from '../errors/floe-error.js';
import { failure, success } from '../outcome/outcome.js';
import { createRedactor } from '../redaction/create-redactor.js';
import type { SecretResolver } from '../secrets/secret-resolver.js';
import { readHttpSettings, readSecretHeaders } from './connection-settings.js';

const values: Readonly<Record<string, string>> = { 'env:CA': 'pem-ca', 'env:CERT': 'pem-cert', 'env:KEY': 'pem-key' };
const secrets: SecretResolver = {
  resolve: (reference) => {
    const value = values[reference];
    return Promise.resolve(
      value === undefined
        ? failure(new InputError({ code: 'SECRET_NOT_FOUND', message: reference, resolution: 'Set it.' }))
        : success(value),
    );
  },
};
const call = { signal: new AbortController().signal, timeoutMs: 1_000 };

describe('the settings of a connection', () => {
  it('are headers and certificates by reference, redacted from then on', async () => {
    const redactor = createRedactor();
    const tls = { certificate_authority: 'env:CA', client_certificate: 'env:CERT', client_key: 'env:KEY' };
    expect(await readSecretHeaders({ 'X-Key': 'env:KEY' }, { secrets, redactor }, call)).toEqual(
      success({ 'X-Key': 'pem-key' }),
    );
    expect(await readHttpSettings(tls, { a: 'b' }, { secrets, redactor }, call)).toEqual(
      success({
        headers: { a: 'b' },
        certificateAuthority: 'pem-ca',
        clientCertificate: { certificate: 'pem-cert', key: 'pem-key' },
      }),
    );
    expect(redactor.redactText('pem-ca pem-cert pem-key')).not.toContain('pem');
  });

  it('are refused with half a client certificate, or with a secret that is not there', async () => {
    const context = { secrets, redactor: createRedactor() };
    const half = await readHttpSettings({ client_key: 'env:KEY' }, {}, context, call);
    expect(half).toMatchObject({ ok: false, failure: { code: 'MISSING_VALUE' } });
    const missing = await readHttpSettings({ certificate_authority: 'env:NONE' }, {}, context, call);
    expect(missing).toMatchObject({ ok: false, failure: { code: 'SECRET_NOT_FOUND' } });
  });
});
