import { readHttpSettings, readSecretHeaders } from '@floe/core/connection/connection-settings';
import { InputError, type FloeError } from '@floe/core/errors/floe-error';
import type { HttpClient, HttpClientSettings } from '@floe/core/http/http-client';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { PluginContext } from '@floe/core/plugin-interfaces';
import { resolveConnectionCredentials, type ConnectionCredentials } from '@floe/core/secrets/connection-credentials';
import type { CallOptions } from '@floe/core/time/call-options';
import { createDagsterClient, type DagsterClient } from './dagster-client.js';
import type { DagsterConfig } from './dagster-config.js';

/** An address with everything that is needed to talk to it. */
export interface DagsterConnection {
  readonly client: DagsterClient;
  readonly http: HttpClient;
  /** Holds secrets: never shown, never part of an error. */
  readonly settings: HttpClientSettings;
}

/** Reads the secrets of the configuration and makes a client; sends nothing. */
export async function openConnection(
  config: DagsterConfig,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<DagsterConnection, FloeError>> {
  if (config.url === undefined) {
    return failure(
      new InputError({
        code: 'MISSING_VALUE',
        message: 'The manifest does not say where Dagster is.',
        resolution:
          'Set plugins.orchestrator.config.url to the address of the webserver, or use a local Dagster (`floe platform start`).',
      }),
    );
  }
  const settings = await httpSettings(config, context, call);
  if (!settings.ok) return settings;
  const http = context.http(settings.value);
  return success({ client: createDagsterClient(http, config.url, context.clock), http, settings: settings.value });
}

async function httpSettings(
  config: DagsterConfig,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<HttpClientSettings, FloeError>> {
  const credentials = await resolveConnectionCredentials(context.connectionSecretRef, context, call);
  if (!credentials.ok) return credentials;
  const headers = await readSecretHeaders(config.headers, context, call);
  if (!headers.ok) return headers;
  return readHttpSettings(config.tls, { ...headersOf(credentials.value), ...headers.value }, context, call);
}

/** A bare token goes where a proxy expects it; Dagster+ reads its own header, which `headers` can give. */
function headersOf(credentials: ConnectionCredentials): Readonly<Record<string, string>> {
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'token':
      return { authorization: `Bearer ${credentials.token}`, 'Dagster-Cloud-Api-Token': credentials.token };
    case 'basic': {
      const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
      return { authorization: `Basic ${pair}` };
    }
    case 'headers':
      return credentials.headers;
  }
}
