import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, getCACertificates } from 'node:tls';
import { faultOfStatus, faultOfTransport, type FaultContext } from '../http/backend-fault.js';
import { environmentProxy } from '../http/environment-proxy.js';
import type { HttpClient, HttpClientSettings, TransportFaultKind } from '../http/http-client.js';
import { kindOfError, tlsDetail } from '../http/transport-fault.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import type { Clock } from '../time/clock.js';
import { failed, passed, warned, type ProbeStep, type StepResult } from './probe-step.js';

/** The server that is checked. */
export interface NetworkTarget {
  readonly url: string;
  /** For messages, for example `Dagster at http://localhost:3000`. */
  readonly server: string;
  /** The setting that names the server; default `url in plugins.orchestrator.config`. */
  readonly setting?: string;
  readonly http: HttpClient;
  /** The same as the client has, for the step `tls`. */
  readonly settings?: Pick<HttpClientSettings, 'certificateAuthority' | 'clientCertificate'>;
  readonly clock: Clock;
  /** Proxy variables; default: those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Names the place in messages. */
  readonly name: string;
}

const certificateWarningDays = 14;

/**
 * The steps that every orchestrator shares: resolve, connect, tls (https only), http. Behind a proxy the first two
 * check the proxy, and http checks the rest. The step http passes with every answer below 500: what a 401 or a 404
 * means is for the steps of the plugin.
 */
export function networkSteps(target: NetworkTarget): ProbeStep[] {
  if (!URL.canParse(target.url)) return [{ name: 'resolve', run: () => Promise.resolve(badAddress(target)) }];
  const url = new URL(target.url);
  const proxy = environmentProxy(url, target.env ?? process.env);
  const isSecure = url.protocol === 'https:';
  const host = (proxy?.host ?? url.hostname).replace(/^\[|\]$/g, '');
  const port = proxy?.port ?? Number(url.port === '' ? (isSecure ? 443 : 80) : url.port);
  const endpoint = { host, port, name: `${proxy === undefined ? '' : 'the proxy '}${host}:${port}` };
  const setting = proxy === undefined ? target.setting : 'HTTPS_PROXY or HTTP_PROXY';
  const context = (): FaultContext => ({
    server: proxy === undefined ? target.server : endpoint.name,
    ...(setting !== undefined && { setting }),
    now: target.clock.now(),
  });
  return [
    { name: 'resolve', run: () => resolveStep(endpoint, context()) },
    { name: 'connect', run: (call) => connectStep(endpoint, context(), call) },
    ...(isSecure && proxy === undefined
      ? [{ name: 'tls', run: (call: CallOptions) => tlsStep(endpoint, target, context(), call) }]
      : []),
    { name: 'http', run: (call) => httpStep(target, call) },
  ];
}

async function resolveStep({ host }: Endpoint, context: FaultContext): Promise<StepResult> {
  if (isIP(host) !== 0) return passed(`${host} is an address`);
  try {
    const addresses = await lookup(host, { all: true });
    return passed(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return failed(faultOfTransport({ kind: kindOfError(error), message: '' }, context));
  }
}

async function connectStep(endpoint: Endpoint, context: FaultContext, call: CallOptions): Promise<StepResult> {
  const socket = connectTcp({ host: endpoint.host, port: endpoint.port });
  const outcome = await settle(socket, 'connect', call);
  socket.destroy();
  return outcome.ok ? passed(`${endpoint.name} takes connections`) : failed(faultOfTransport(outcome.failure, context));
}

async function tlsStep(
  endpoint: Endpoint,
  target: NetworkTarget,
  context: FaultContext,
  call: CallOptions,
): Promise<StepResult> {
  const { certificateAuthority, clientCertificate } = target.settings ?? {};
  const socket = connectTls({
    host: endpoint.host,
    port: endpoint.port,
    ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
    ...(certificateAuthority !== undefined && { ca: [...getCACertificates('default'), certificateAuthority] }),
    ...(clientCertificate !== undefined && { cert: clientCertificate.certificate, key: clientCertificate.key }),
  });
  const outcome = await settle(socket, 'secureConnect', call);
  const protocol = socket.getProtocol();
  const validTo = outcome.ok ? Date.parse(socket.getPeerCertificate().valid_to) : Number.NaN;
  socket.destroy();
  if (!outcome.ok) {
    const fault = faultOfTransport(
      { kind: outcome.failure.kind === 'network' ? 'tls' : outcome.failure.kind, message: '' },
      context,
    );
    return failed({ ...fault, message: explainTls(fault.message, outcome.failure.detail) });
  }
  const days = Math.floor((validTo - target.clock.now()) / 86_400_000);
  if (days < certificateWarningDays) {
    return warned({
      code: 'CONNECTION_TLS',
      message: `the certificate of ${endpoint.name} ends in ${days} days`,
      resolution: 'Renew the certificate of the server.',
    });
  }
  return passed(`${protocol ?? 'TLS'} with a certificate that is trusted`);
}

async function httpStep(target: NetworkTarget, call: CallOptions): Promise<StepResult> {
  const context = {
    server: target.server,
    ...(target.setting !== undefined && { setting: target.setting }),
    now: target.clock.now(),
  };
  const outcome = await target.http.send({ method: 'GET', url: target.url }, call);
  if (outcome.kind === 'fault') return failed(faultOfTransport(outcome.fault, context));
  const { status } = outcome.response;
  const fault = status >= 500 || status === 407 ? faultOfStatus(outcome.response, context) : undefined;
  return fault === undefined ? passed(`answers HTTP with status ${status}`) : failed(fault);
}

const tlsExplanations: readonly (readonly [RegExp, string])[] = [
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/, 'it speaks no TLS on this port'],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet: check the clocks'],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'its certificate is for another host'],
  [/SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO/, 'its certificate comes from an authority that is not known here'],
  [
    /ALERT|HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED/,
    'it refused the handshake, perhaps because it wants a client certificate',
  ],
];

function explainTls(message: string, detail: string | undefined): string {
  if (detail === undefined) return message;
  const explanation = tlsExplanations.find(([pattern]) => pattern.test(detail))?.[1];
  return `${message}: ${explanation ?? detail}`;
}

interface SocketFault {
  readonly kind: TransportFaultKind;
  readonly message: string;
  readonly detail?: string;
}

/** Waits for an event of a socket, its failure, or the end of the call. */
async function settle(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  call: CallOptions,
): Promise<Outcome<void, SocketFault>> {
  let onAbort: () => void = () => undefined;
  try {
    return await new Promise((resolve) => {
      onAbort = () => {
        resolve(failure({ kind: 'timeout', message: '' }));
      };
      call.signal.addEventListener('abort', onAbort, { once: true });
      socket.once(event, () => {
        resolve(success(undefined));
      });
      socket.on('error', (error) => {
        const detail = tlsDetail(error);
        resolve(failure({ kind: kindOfError(error), message: '', ...(detail !== undefined && { detail }) }));
      });
      socket.once('close', () => {
        resolve(failure({ kind: 'reset', message: '' }));
      });
    });
  } finally {
    call.signal.removeEventListener('abort', onAbort);
  }
}

function badAddress(target: NetworkTarget): StepResult {
  return failed({
    code: 'INVALID_VALUE',
    message: `${target.setting ?? 'url in plugins.orchestrator.config'} is no URL`,
    resolution: 'Write it with its scheme, for example http://localhost:3000.',
  });
}
