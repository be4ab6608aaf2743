import { readHttpSettings, readSecretHeaders } from '@floe/core/connection/connection-settings';
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
  const headers = await readSecretHeaders(config.headers, context, call);
  if (!headers.ok) return headers;
  const settings = await readHttpSettings(config.tls, { ...ownHeaders, ...headers.value }, context, call);
  if (!settings.ok) return settings;
  const http = context.http(settings.value);
  const { clock, redactor } = context;
  const tokens = createAirflowTokens({ http, url: config.url, credentials: credentials.value, clock, redactor });
  return success({ client: createAirflowClient(http, config.url, tokens, clock), http, settings: settings.value });
}
