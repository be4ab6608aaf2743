import { InputError, type FloeError } from '@floe/core/errors/floe-error';
import type { HttpClient, HttpClientSettings } from '@floe/core/http/http-client';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { PluginContext } from '@floe/core/plugin-interfaces';
import { resolveConnectionCredentials } from '@floe/core/secrets/connection-credentials';
import type { CallOptions } from '@floe/core/time/call-options';
import { createAirflowClient, type AirflowClient } from './airflow-client.js';
import type { AirflowConfig } from './airflow-config.js';
import { createAirflowTokens } from './airflow-tokens.js';

/** An address with everything that is needed to talk to it. */
export interface AirflowConnection {
  readonly client: AirflowClient;
  readonly http: HttpClient;
  /** Holds secrets: never shown, never part of an error. */
  readonly settings: HttpClientSettings;
}

/** Reads the secrets of the configuration and makes a client; sends nothing. */
export async function openConnection(
  config: AirflowConfig,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<AirflowConnection, FloeError>> {
  if (config.url === undefined) {
    return failure(
      new InputError({
        code: 'MISSING_VALUE',
        message: 'The manifest does not say where Airflow is.',
        resolution:
          'Set plugins.orchestrator.config.url to the address of the API server, or use a local Airflow (`floe platform start`).',
      }),
    );
  }
  const reference = config.credentials ?? context.connectionSecretRef;
  const credentials = await resolveConnectionCredentials(reference, context, call);
  if (!credentials.ok) return credentials;
  const ownHeaders = credentials.value.kind === 'headers' ? credentials.value.headers : {};
  const settings = await httpSettings(config, ownHeaders, context, call);
  if (!settings.ok) return settings;
  const http = context.http(settings.value);
  const { clock, redactor } = context;
  const tokens = createAirflowTokens({ http, url: config.url, credentials: credentials.value, clock, redactor });
  return success({ client: createAirflowClient(http, config.url, tokens, clock), http, settings: settings.value });
}

async function httpSettings(
  config: AirflowConfig,
  ownHeaders: Readonly<Record<string, string>>,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<HttpClientSettings, FloeError>> {
  const headers = new Map(Object.entries(ownHeaders));
  for (const [name, reference] of Object.entries(config.headers)) {
    const value = await secret(reference, context, call);
    if (!value.ok) return value;
    headers.set(name, value.value);
  }
  const { certificate_authority: authority, client_certificate: certificate, client_key: key } = config.tls;
  if ((certificate === undefined) !== (key === undefined)) {
    return failure(
      new InputError({
        code: 'MISSING_VALUE',
        message: 'plugins.orchestrator.config.tls needs client_certificate and client_key together.',
        resolution: 'Give both, or none.',
      }),
    );
  }
  const authorityText = await optionalSecret(authority, context, call);
  if (!authorityText.ok) return authorityText;
  const certificateText = await optionalSecret(certificate, context, call);
  if (!certificateText.ok) return certificateText;
  const keyText = await optionalSecret(key, context, call);
  if (!keyText.ok) return keyText;
  return success({
    headers: Object.fromEntries(headers),
    ...(authorityText.value !== undefined && { certificateAuthority: authorityText.value }),
    ...(certificateText.value !== undefined &&
      keyText.value !== undefined && {
        clientCertificate: { certificate: certificateText.value, key: keyText.value },
      }),
  });
}

async function optionalSecret(
  reference: string | undefined,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<string | undefined, FloeError>> {
  return reference === undefined ? success(undefined) : secret(reference, context, call);
}

async function secret(
  reference: string,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<string, FloeError>> {
  const value = await context.secrets.resolve(reference, call);
  if (value.ok) context.redactor.register(value.value);
  return value;
}
