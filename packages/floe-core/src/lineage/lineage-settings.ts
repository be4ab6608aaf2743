import type { Observability } from '../artifacts/observability.js';
import { withoutCredentials } from './without-credentials.js';

/** Where lineage events of this process go. */
export type LineageTransport =
  | { readonly kind: 'http'; readonly url: string; /** A secret. */ readonly apiKey: string | undefined }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'console' };

export type Environment = Readonly<Record<string, string | undefined>>;

const defaultPath = 'api/v1/lineage';

/**
 * The transport by the standard OPENLINEAGE_* settings of the process, which win, else by the artifacts; undefined when
 * lineage is off or has no receiver. Settings: OPENLINEAGE_DISABLED; OPENLINEAGE_URL, _ENDPOINT, _API_KEY;
 * OPENLINEAGE__TRANSPORT__TYPE, __URL, __ENDPOINT, __LOG_FILE_PATH, __AUTH__APIKEY. A configuration file is read by the
 * runtime only.
 * @param defaultFile where the file transport writes when the artifacts name no file
 */
export function lineageTransport(
  observability: Observability,
  environment: Environment,
  defaultFile: string,
): LineageTransport | undefined {
  const { lineage, lineage_endpoint: endpoint, lineage_transport: declared } = observability;
  if (!lineage || declared === 'noop' || environment.OPENLINEAGE_DISABLED?.trim().toLowerCase() === 'true') {
    return undefined;
  }
  const own = ownTransport(environment);
  if (own !== undefined) return own.transport;
  const apiKey = environment.OPENLINEAGE_API_KEY;
  switch (declared ?? (endpoint === null ? null : 'http')) {
    case 'console':
      return { kind: 'console' };
    case 'file':
      return { kind: 'file', path: endpoint?.replace(/^file:\/\//u, '') ?? defaultFile };
    case 'http':
      return endpoint === null ? undefined : { kind: 'http', url: eventsUrl(endpoint, undefined), apiKey };
    case null:
      return undefined;
  }
}

function ownTransport(environment: Environment): { readonly transport: LineageTransport | undefined } | undefined {
  const of = (name: string): string | undefined => environment[`OPENLINEAGE__TRANSPORT__${name}`];
  const url = of('URL') ?? environment.OPENLINEAGE_URL;
  const type = of('TYPE')?.toLowerCase() ?? (url === undefined ? undefined : 'http');
  switch (type) {
    case undefined:
      return undefined;
    case 'http':
    case 'async_http': {
      if (url === undefined) return { transport: undefined };
      const apiKey = of('AUTH__APIKEY') ?? environment.OPENLINEAGE_API_KEY;
      const path = of('ENDPOINT') ?? environment.OPENLINEAGE_ENDPOINT ?? defaultPath;
      return { transport: { kind: 'http', url: eventsUrl(url, path), apiKey } };
    }
    case 'file': {
      const path = of('LOG_FILE_PATH');
      return { transport: path === undefined ? undefined : { kind: 'file', path } };
    }
    case 'console':
      return { transport: { kind: 'console' } };
    default:
      return { transport: undefined };
  }
}

/** An address without a path gets the usual one. */
function eventsUrl(address: string, path: string | undefined): string {
  const plain = withoutCredentials(address).replace(/\/+$/u, '');
  if (path !== undefined) return `${plain}/${path.replace(/^\/+/u, '')}`;
  return /^https?:\/\/[^/]+\/./u.test(plain) ? plain : `${plain}/${defaultPath}`;
}
