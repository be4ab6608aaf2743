import { readHttpSettings } from '@floe/core/connection/connection-settings';
import { InputError, type FloeError } from '@floe/core/errors/floe-error';
import type { HttpClient, HttpClientSettings } from '@floe/core/http/http-client';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { PluginContext } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { createPrefectClient, type PrefectClient } from './prefect-client.js';
import type { PrefectConfig } from './prefect-config.js';
import { credentialHeaders } from './prefect-credentials.js';

/** An address with everything that is needed to talk to it. */
export interface PrefectConnection {
  readonly client: PrefectClient;
  readonly http: HttpClient;
  /** Holds secrets: never shown, never part of an error. */
  readonly settings: HttpClientSettings;
}

/** Reads the secrets of the configuration and makes a client; sends nothing. */
export async function openConnection(
  config: PrefectConfig,
  context: PluginContext,
  call: CallOptions,
): Promise<Outcome<PrefectConnection, FloeError>> {
  if (config.url === undefined) {
    return failure(
      new InputError({
        code: 'MISSING_VALUE',
        message: 'The manifest does not say where Prefect is.',
        resolution:
          'Set plugins.orchestrator.config.url to the root of its API (http://<host>:4200/api), or use a local Prefect (`floe platform start`).',
      }),
    );
  }
  const headers = await credentialHeaders(config, context, call);
  if (!headers.ok) return headers;
  const settings = await readHttpSettings(config.tls, headers.value, context, call);
  if (!settings.ok) return settings;
  const http = context.http(settings.value);
  return success({ client: createPrefectClient(http, config.url, context), http, settings: settings.value });
}
