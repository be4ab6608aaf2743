import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor } from './create-redactor.js';

const canary = 'Xq7-canary/+Zk9';
const simple = 'Xq7canaryZk9';

/** Where secrets that nobody registered turn up; `@` stands for the secret. */
const shapes: readonly string[] = [
  'password=@',
  'PGPASSWORD=@ psql -h db',
  'dsn: host=db password=@ user=floe',
  "password='@'",
  '{"password": "@"}',
  '{"password":"@","user":"floe"}',
  '{\\"password\\": \\"@\\"}',
  '{"outer":"{\\"client_secret\\":\\"@\\"}"}',
  "{'password': '@', 'user': 'floe'}",
  "config['password'] = '@'",
  'password: @',
  '  password: "@"',
  'secret: @',
  '- token: @',
  'client_secret=@&grant_type=client_credentials',
  'GET /oauth?client_id=a&client_secret=@ HTTP/1.1',
  'https://host/path?access_token=@&page=2',
  'https://host/container?sv=2020&sig=@&se=1',
  'api_key=@',
  'api-key: @',
  'apikey=@',
  'X-Api-Key: @',
  'aws_secret_access_key = @',
  'AccountKey=@;EndpointSuffix=x',
  'fernet_key=@',
  'DBT_ENV_SECRET_GIT_TOKEN=@',
  'accessToken: "@"',
  'Authorization: Bearer @',
  'authorization: bearer @',
  '"Authorization": "Bearer @"',
  "-H 'Authorization: Bearer @' https://host/",
  'Authorization: Basic @',
  'Authorization: @',
  'Proxy-Authorization: Basic @',
  'Authorization: Digest username="floe", response="@"',
  'Cookie: session=@; other=@',
  'set-cookie: session=@; Path=/',
  'sent header Bearer @ to the server',
  'floe run --password @ --threads 4',
  'floe run --token=@ --threads 4',
  'floe run --api-key "@"',
  "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET '@')",
  "ALTER USER floe PASSWORD '@'",
  '<password>@</password>',
  'token=SecretStr("@")',
  "password=b'@'",
  'https://floe:@@host/path',
  'https://@@host/path',
  'postgresql://floe:@@host:5432/db',
  'postgresql+psycopg2://floe:@@host:5432/db?sslmode=require',
  'clone of https://x-access-token:@@host/org/repo.git failed',
  'user=floe;PWD=@;server=x',
];

/** What logs and errors are made of, and no secret. */
const harmless: readonly string[] = [
  'Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=5',
  '1 of 5 PASS not_null_orders_id ......... [PASS in 0.02s]',
  'FATAL:  password authentication failed for user "floe"',
  'Parser Error: syntax error at or near "FROM"\nLINE 3: from orders\n        ^',
  'SyntaxError: Unexpected token < in JSON at position 0',
  'unexpected token: SELECT',
  'connection_secret_ref: prod/dagster',
  'connection_secret_ref: k8s:prod/dagster#token',
  'token: env:DAGSTER_TOKEN',
  'password: "{{ env_var(\'FLOE_PASSWORD\') }}"',
  'password: ${PASSWORD}',
  'token_url=https://idp.example/oauth',
  'max_tokens: 4096',
  '{"total_tokens": 12}',
  'SECRET_NOT_FOUND: the secret that connection_secret_ref names does not exist',
  'SECRET_IN_PLAIN_TEXT: floe.yaml:3:5',
  'PWD=/home/me/project',
  'the credentials were refused: log in again',
  'Bearer authentication is required',
  'Basic authentication is not supported',
  'ssh://git@host/org/repo.git and git@host:org/repo.git',
  'http://localhost:3000/graphql and https://host:8443/path/a@b',
  'select * from tokens where token_type = 5',
  'a tokenizer: simple',
  'the passwordless: true setting',
  'mail to team@example.com',
  'model.shop.stg_orders succeeded in 0.31 s, 99 rows',
  'password=***',
  'password: null',
  'a: b: c = d, e=>f; g := h',
  '',
];

describe('redactText', () => {
  it.each(shapes)('hides a secret that nobody registered in %j', (shape) => {
    const text = shape.replaceAll('@@', `${simple}\u0000`).replaceAll('@', simple).replaceAll('\u0000', '@');
    const redacted = createRedactor().redactText(text);
    expect(redacted).not.toContain(simple);
    expect(redacted).toContain('***');
  });

  it.each(harmless)('leaves %j as it is', (text) => {
    expect(createRedactor().redactText(text)).toBe(text);
  });

  it('keeps what stands around a secret', () => {
    const redactor = createRedactor();
    const redactText = (text: string): string => redactor.redactText(text);
    expect(redactText('GET https://floe:pw@host/a?token=abc&page=2 password=x rows=3')).toBe(
      'GET https://***@host/a?token=***&page=2 password=*** rows=3',
    );
    expect(redactText('{"user":"floe","password":"a\\"b","rows":3}')).toBe('{"user":"floe","password":"***","rows":3}');
    const nested = JSON.stringify(JSON.stringify({ password: 'a"b\\c', rows: 3 }));
    expect(redactText(nested)).toBe('"{\\"password\\":\\"***\\",\\"rows\\":3}"');
    const twice = JSON.stringify(JSON.stringify({ outer: JSON.stringify({ password: 'a"b\\', rows: 3 }) }));
    expect(JSON.parse(JSON.parse(redactText(twice)) as string)).toEqual({ outer: '{"password":"***","rows":3}' });
    expect(redactText('postgresql://floe:p@ss/w@rd@host/db')).toBe('postgresql://***@host/db');
  });

  it('hides private keys, web tokens and known formats', () => {
    const redactor = createRedactor();
    const redactText = (text: string): string => redactor.redactText(text);
    expect(redactText('-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- end')).toBe('*** end');
    expect(redactText('got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmbG9lIn0.c2lnbmF0dXJl here')).toBe('got *** here');
    expect(redactText(`key AKIA${'A'.repeat(16)}, ghp_${'a'.repeat(36)}`)).toBe('key ***, ***');
    expect(redactText(`Basic ${Buffer.from('floe:pw').toString('base64')}`)).toBe('Basic ***');
  });

  it('hides every form of a registered secret', () => {
    const redactor = createRedactor();
    const secret = `${canary} "quoted" 'single' <b>&amp é\\\nsecond-line-of-it\tend`;
    redactor.register(secret);
    const forms = [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(secret).replace(/%../g, (escape) => escape.toLowerCase()),
      new URLSearchParams({ x: secret }).toString().slice(2),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
      Buffer.from(`user:${secret}`).toString('base64'),
      Buffer.from(`ab${secret}cd`).toString('base64'),
      JSON.stringify(secret),
      JSON.stringify(JSON.stringify({ secret })),
      inspect(secret),
      secret.split('\n')[0] ?? '',
      secret.split('\n')[1] ?? '',
      secret.replace('\n', '\r\n'),
    ];
    for (const form of forms) {
      const redacted = redactor.redactText(`before ${form} after`);
      expect(redacted).toMatch(/^before \S*.{0,9}\*\*\*.* after$/s);
      expect(redacted).not.toMatch(/canary|second-line|quoted/i);
    }
  });

  it('hides the base64 of a user and a registered password', () => {
    const redactor = createRedactor();
    redactor.register('Tr0ub4dor&3-longer');
    for (const user of ['a', 'ab', 'abc', 'floe']) {
      const encoded = Buffer.from(`${user}:Tr0ub4dor&3-longer`).toString('base64');
      const redacted = redactor.redactText(`header ${encoded}`);
      expect(Buffer.from(redacted.slice(7), 'base64').toString()).not.toContain('ub4dor');
    }
  });

  it('hides overlapping secrets whole', () => {
    const redactor = createRedactor();
    redactor.register('abcd1234');
    redactor.register('1234efgh');
    expect(redactor.redactText('<abcd1234efgh>')).toBe('<***>');
  });

  it.each(['', 'a', 'abc', '   ', '****', '\n\n\n\n\n'])('does not register %j', (secret) => {
    const redactor = createRedactor();
    redactor.register(secret);
    expect(redactor.redactText('abc a **** and \n\n\n\n\n lines')).toBe('abc a **** and \n\n\n\n\n lines');
  });

  const secrets = fc
    .string({ minLength: 4, maxLength: 40, unit: 'binary' })
    .filter((text) => text.trim().length >= 4 && !/^[*\s]+$/.test(text));
  const surroundings = fc.oneof(fc.string(), fc.constantFrom(...harmless, ...shapes));

  it('lets no registered canary through, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(secrets, { minLength: 1, maxLength: 4 }),
        fc.array(surroundings, { maxLength: 4 }),
        (values, around) => {
          const redactor = createRedactor();
          for (const value of values) redactor.register(value);
          const text = [...around, ...values, values.join(''), JSON.stringify(values)].join(' ');
          const redacted = redactor.redactText(text);
          for (const value of values) expect(redacted).not.toContain(value.trim());
        },
      ),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(secrets, { maxLength: 3 }), fc.array(surroundings, { maxLength: 6 }), (values, around) => {
        const redactor = createRedactor();
        for (const value of values) redactor.register(value);
        const once = redactor.redactText([...around, ...values].join('\n'));
        expect(redactor.redactText(once)).toBe(once);
      }),
    );
  });

  it('leaves any mixture of harmless lines as it is', () => {
    const redactor = createRedactor();
    redactor.register(canary);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...harmless), { maxLength: 8 }), (lines) => {
        const text = lines.join('\n');
        expect(redactor.redactText(text)).toBe(text);
      }),
    );
  });

  it('takes time in proportion to the text', () => {
    const redactor = createRedactor();
    redactor.register(canary);
    for (const piece of [
      'password',
      'a',
      'token: ',
      '://',
      'Bearer ',
      'password="',
      '-----BEGIN PRIVATE KEY-----',
      '\\"',
    ]) {
      const began = performance.now();
      redactor.redactText(piece.repeat(Math.ceil(300_000 / piece.length)));
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});

describe('redactValue', () => {
  it('redacts inside plain data and keeps its shape', () => {
    const redactor = createRedactor();
    redactor.register(canary);
    expect(
      redactor.redactValue({
        message: `failed with ${canary}`,
        [canary]: 1,
        list: [`a ${canary}`, { password: 'x', api_key: 12345, user: 'floe' }],
        headers: { Authorization: ['Bearer x'], accept: 'text/html' },
        client_secret: { nested: 'x' },
        connection_secret_ref: 'prod/dagster',
        token: 'env:DAGSTER_TOKEN',
        max_tokens: 5,
        password: null,
        credentials: 'x',
        none: undefined,
        flag: true,
        count: 3,
      }),
    ).toEqual({
      message: 'failed with ***',
      '***': 1,
      list: ['a ***', { password: '***', api_key: '***', user: 'floe' }],
      headers: { Authorization: '***', accept: 'text/html' },
      client_secret: '***',
      connection_secret_ref: 'prod/dagster',
      token: 'env:DAGSTER_TOKEN',
      max_tokens: 5,
      password: null,
      credentials: '***',
      none: undefined,
      flag: true,
      count: 3,
    });
  });

  it('takes errors, maps, sets, dates, bytes and circles', () => {
    const redactor = createRedactor();
    redactor.register(canary);
    const circle: Record<string, unknown> = { name: canary };
    circle.self = circle;
    const date = new Date(0);
    const error = Object.assign(new TypeError(`no ${canary}`), { config: { headers: { authorization: 'x' } } });
    expect(
      redactor.redactValue([circle, new Map([['password', 'x']]), new Set([canary]), date, Buffer.from(canary), error]),
    ).toEqual([
      { name: '***', self: '[circular]' },
      { password: '***' },
      ['***'],
      date,
      '[binary]',
      { name: 'TypeError', message: 'no ***', config: { headers: { authorization: '***' } } },
    ]);
  });

  it('lets no canary through at any place', () => {
    const redactor = createRedactor();
    redactor.register(canary);
    fc.assert(
      fc.property(
        fc.object({
          values: [fc.string(), fc.constant(canary), fc.constant(`x${canary}y`)],
          key: fc.oneof(fc.string(), fc.constant(canary)),
        }),
        (value) => {
          expect(JSON.stringify(redactor.redactValue(value))).not.toContain(canary);
        },
      ),
    );
  });
});
