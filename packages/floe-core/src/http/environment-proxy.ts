import { isLoopback } from './address.js';

/** A proxy that the environment names for an address. */
export interface EnvironmentProxy {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly username: string; readonly password: string };
}

/**
 * The proxy of HTTP_PROXY, HTTPS_PROXY or ALL_PROXY for an address, after NO_PROXY; names in small letters count first.
 * This machine itself is never reached through a proxy. An unreadable setting counts as none.
 */
export function environmentProxy(
  address: URL,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentProxy | undefined {
  const read = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  if (isLoopback(address.hostname) || isExcluded(address, read('NO_PROXY'))) return undefined;
  const setting = read(address.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') || read('ALL_PROXY');
  const text = setting.includes('://') ? setting : `http://${setting}`;
  if (setting === '' || !URL.canParse(text)) return undefined;
  const proxy = new URL(text);
  if (proxy.protocol !== 'http:' && proxy.protocol !== 'https:') return undefined;
  const protocol = proxy.protocol === 'https:' ? 'https' : 'http';
  return {
    protocol,
    host: proxy.hostname,
    port: proxy.port === '' ? (protocol === 'https' ? 443 : 80) : Number(proxy.port),
    ...(proxy.username !== '' && {
      auth: { username: decode(proxy.username), password: decode(proxy.password) },
    }),
  };
}

/** `host`, `.domain`, `*.domain`, `domain` with everything below it, each with an optional port; `*` is everything. */
function isExcluded(address: URL, list: string): boolean {
  const host = address.hostname.replace(/\.$/, '').toLowerCase();
  const port = address.port === '' ? (address.protocol === 'https:' ? '443' : '80') : address.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      const domain = name.replace(/^\*?\./, '');
      return name === '*' || host === domain || host.endsWith(`.${domain}`);
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
