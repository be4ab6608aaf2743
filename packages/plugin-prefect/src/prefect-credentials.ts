import { readSecret, readSecretHeaders } from '@floe/core/connection/connection-settings';
import { InputError, type FloeError } from '@floe/core/errors/floe-error';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import type { PluginContext } from '@floe/core/plugin-interfaces';
import { resolveConnectionCredentials, type ConnectionCredentials } from '@floe/core/secrets/connection-credentials';
import type { CallOptions } from '@floe/core/time/call-options';
import type { PrefectConfig } from './prefect-config.js';

/**
 * The secret headers of every request. Prefect's own client and its documentation disagree about which of two
 * credentials wins, so that two are refused.
 */
export async function credentialHeaders(
  config: Pick<PrefectConfig, 'auth_string' | 'api_key' | 'headers'>,
  context: Pick<PluginContext, 'secrets' | 'redactor' | 'connectionSecretRef'>,
  call: CallOptions,
): Promise<Outcome<Readonly<Record<string, string>>, FloeError>> {
  const given = [
    ...(config.auth_string === undefined ? [] : ['auth_string']),
    ...(config.api_key === undefined ? [] : ['api_key']),
    ...(context.connectionSecretRef === null ? [] : ['connection_secret_ref']),
    ...(Object.keys(config.headers).some(isAuthorization) ? ['headers.Authorization'] : []),
  ];
  if (given.length > 1) return failure(twoCredentials(given));
  const headers = await readSecretHeaders(config.headers, context, call);
  if (!headers.ok) return headers;
  const credentials = await readCredentials(config, context, call);
  if (!credentials.ok) return credentials;
  const own = headersOf(credentials.value);
  for (const value of Object.values(own)) context.redactor.register(value);
  return success({ ...headers.value, ...own });
}

async function readCredentials(
  { auth_string: authString, api_key: apiKey }: Pick<PrefectConfig, 'auth_string' | 'api_key'>,
  context: Pick<PluginContext, 'secrets' | 'redactor' | 'connectionSecretRef'>,
  call: CallOptions,
): Promise<Outcome<ConnectionCredentials, FloeError>> {
  const reference = authString ?? apiKey;
  if (reference === undefined) {
    const credentials = await resolveConnectionCredentials(context.connectionSecretRef, context, call);
    return credentials.ok && credentials.value.kind === 'token'
      ? success(ofText(credentials.value.token))
      : credentials;
  }
  const value = await readSecret(reference, context, call);
  if (!value.ok) return value;
  if (apiKey !== undefined) return success({ kind: 'token', token: value.value });
  const credentials = ofText(value.value);
  if (credentials.kind === 'basic') return success(credentials);
  return failure(
    new InputError({
      code: 'INVALID_VALUE',
      message: `The secret ${reference} is no auth string: it has no colon.`,
      resolution: 'Give it the form user:password, as PREFECT_SERVER_API_AUTH_STRING of the server has it.',
      context: { reference },
    }),
  );
}

/** A server knows `user:password`, Prefect Cloud a key; keys have no colon. */
function ofText(text: string): ConnectionCredentials {
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'token', token: text };
  return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function headersOf(credentials: ConnectionCredentials): Readonly<Record<string, string>> {
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'token':
      return { authorization: `Bearer ${credentials.token}` };
    case 'basic': {
      const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
      return { authorization: `Basic ${pair}` };
    }
    case 'headers':
      return credentials.headers;
  }
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === 'authorization';
}

function twoCredentials(given: readonly string[]): InputError {
  return new InputError({
    code: 'INVALID_VALUE',
    message: `Prefect is given more than one credential: ${given.join(' and ')}.`,
    resolution:
      'Keep one: auth_string (or connection_secret_ref) for a server with basic authentication, api_key for Prefect Cloud.',
  });
}
