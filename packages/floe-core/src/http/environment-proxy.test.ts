import { describe, expect, it } from '@jest/globals';
import { environmentProxy } from './environment-proxy.js';

const proxy = { HTTPS_PROXY: 'http://proxy.example:3128', http_proxy: 'other.example' };

function hostFor(url: string, env: Record<string, string>): string | undefined {
  return environmentProxy(new URL(url), env)?.host;
}

describe('environmentProxy', () => {
  it('goes by the scheme of the address, and small letters come first', () => {
    expect(environmentProxy(new URL('https://a.example/'), proxy)).toEqual({
      protocol: 'http',
      host: 'proxy.example',
      port: 3128,
    });
    expect(environmentProxy(new URL('http://a.example/'), { ...proxy, HTTP_PROXY: 'ignored.example' })).toEqual({
      protocol: 'http',
      host: 'other.example',
      port: 80,
    });
    expect(hostFor('http://a.example/', { ALL_PROXY: 'https://all.example' })).toBe('all.example');
  });

  it('takes credentials', () => {
    expect(environmentProxy(new URL('https://a.example'), { https_proxy: 'https://me:p%40w@proxy.example' })).toEqual({
      protocol: 'https',
      host: 'proxy.example',
      port: 443,
      auth: { username: 'me', password: 'p@w' },
    });
  });

  it.each(['', 'socks5://proxy.example:1080', 'http://[bad'])('takes %j for none', (setting) => {
    expect(hostFor('https://a.example', { HTTPS_PROXY: setting })).toBeUndefined();
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1:1', 'http://[::1]:1', 'http://app.localhost'])(
    'reaches %s without a proxy',
    (url) => {
      expect(hostFor(url, proxy)).toBeUndefined();
    },
  );

  it.each([
    ['a.example', true],
    ['example', true],
    ['.example', true],
    ['*.example', true],
    ['b.example, a.example', true],
    ['A.EXAMPLE', true],
    ['a.example:443', true],
    ['a.example:8443', false],
    ['xa.example', false],
    ['ample', false],
    ['*', true],
    ['', false],
  ])('heeds NO_PROXY=%s', (list, isDirect) => {
    expect(hostFor('https://a.example/', { ...proxy, NO_PROXY: list }) === undefined).toBe(isDirect);
  });
});
