import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Locator } from './key-path.js';
import { formatKeyPath } from './key-path.js';
import { findPlainSecrets } from './plain-secrets.js';
import { isSecretKey } from './secret-keys.js';

const locator: Locator = { file: 'a.yaml', locate: (path) => ({ file: 'a.yaml', node: formatKeyPath(path) }) };
const secretKeys = [
  'password',
  'PASSWORD',
  'db_password',
  'dbPassword',
  'pass',
  'token',
  'accessToken',
  'bearer_token',
  'secret',
  'client_secret',
  'clientSecret',
  'api_key',
  'apiKey',
  'apikey',
  'API-KEY',
  'private_key',
  'aws_secret_access_key',
  'credentials',
  'Authorization',
  'passphrase',
  'account_key',
  'keyfile_json',
];
const harmlessKeys = [
  'connection_secret_ref',
  'allowed_secret_refs',
  'token_url',
  'tokenEndpoint',
  'secret_name',
  'primary_key',
  'primaryKey',
  'key',
  'passenger',
  'path',
  'compass',
  'secret_scanning',
  'allow_token',
  'max_tokens',
  'tokenizer',
  'sort_key',
  'bypass_rate',
];

describe('isSecretKey', () => {
  it.each(secretKeys)('knows %s', (key) => {
    expect(isSecretKey(key)).toBe(true);
  });
  it.each(harmlessKeys)('lets %s pass', (key) => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe('findPlainSecrets', () => {
  it('finds plain text under every secret key at any depth, and never repeats it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...secretKeys),
        fc.stringMatching(/^[A-Z]{8}[0-9]{4}$/),
        fc.array(fc.constantFrom('a', 'b', 0), { maxLength: 4 }),
        (key, value, path) => {
          const data = path.reduceRight<unknown>(
            (inner, segment) => (segment === 0 ? [inner] : { [String(segment)]: inner }),
            { [key]: value },
          );
          const problems = findPlainSecrets(data, locator);
          expect(problems.map((problem) => problem.code)).toEqual(['SECRET_IN_PLAIN_TEXT']);
          expect(JSON.stringify(problems)).not.toContain(value);
        },
      ),
    );
  });

  it.each([
    ['env:DB_PASSWORD'],
    ['file:/run/secrets/db'],
    ['k8s:team/db#password'],
    ["{{ env_var('DB_PASSWORD') }}"],
    ['{{ env_var("DB_PASSWORD") | trim }}'],
    [''],
    [null],
    [true],
  ])('lets %j pass', (value) => {
    expect(findPlainSecrets({ password: value }, locator)).toEqual([]);
  });

  it.each([
    [{ password: 'env:not a name' }],
    [{ password: "{{ env_var('X', 'a-default') }}" }],
    [{ password: '${DB_PASSWORD}' }],
    [{ password: 123456 }],
    [{ tokens: ['abc'] }],
    [{ url: 'postgres://floe:hunter2@db/dwh' }],
    [{ note: '-----BEGIN RSA PRIVATE KEY-----\nabc' }],
  ])('finds %j', (data) => {
    expect(findPlainSecrets(data, locator)).toHaveLength(1);
  });

  it('lets addresses without a password pass', () => {
    expect(findPlainSecrets({ url: 'https://example.com:8080/a@b', other: 'postgres://db/dwh' }, locator)).toEqual([]);
    expect(findPlainSecrets({ url: "postgres://floe:{{ env_var('P') }}@db" }, locator)).toEqual([]);
  });
});
