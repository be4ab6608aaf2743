import { describe, expect, it } from '@jest/globals';
import { codeLocationOf, dagsterConfigSchema } from './dagster-config.js';

describe('dagsterConfigSchema', () => {
  it('has a default for everything', () => {
    expect(dagsterConfigSchema.parse({})).toMatchObject({
      code_location: '{product}',
      repository: '__repository__',
      headers: {},
      daemon_heartbeat_tolerance: 120,
    });
  });

  it.each([
    { url: 'localhost:3000' },
    { url: 'ftp://dagster' },
    { ulr: 'http://dagster' },
    { delivery: { kind: 'directory' } },
    { delivery: { kind: 'pigeon', path: '/x' } },
    { delivery: { kind: 'image', ref: 'a', path: '/x' } },
    { headers: { 'bad header': 'env:X' } },
    { request_timeout: 0 },
  ])('refuses %j', (config) => {
    expect(dagsterConfigSchema.safeParse(config).success).toBe(false);
  });

  it('names the code location', () => {
    expect(codeLocationOf(dagsterConfigSchema.parse({}), 'shop')).toBe('shop');
    expect(codeLocationOf(dagsterConfigSchema.parse({ code_location: 'floe-{product}-dev' }), 'shop')).toBe(
      'floe-shop-dev',
    );
  });
});
