import { InputError, type FloeError } from '../errors/floe-error.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { Redactor } from '../redaction/redactor.js';
import type { CallOptions } from '../time/call-options.js';
import type { SecretResolver } from './secret-resolver.js';

/** What `connection_secret_ref` gives for reaching a service. */
export type ConnectionCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> };

/**
 * Reads the credentials of a connection. A Kubernetes secret, or a JSON object in a file or variable, has the keys
 * `token`, or `username` and `password`, or `headers` (a JSON object, or `Name: value` lines); any other text is a token.
 * Every part is made known to the redactor before it is returned.
 * @param reference plugins.orchestrator.connection_secret_ref; null gives no credentials
 */
export async function resolveConnectionCredentials(
  reference: string | null,
  context: { readonly secrets: SecretResolver; readonly redactor: Redactor },
  call: CallOptions,
): Promise<Outcome<ConnectionCredentials, FloeError>> {
  if (reference === null) return success({ kind: 'none' });
  const resolved = await context.secrets.resolve(reference, call);
  if (!resolved.ok) return resolved;
  context.redactor.register(resolved.value);
  const fields = jsonObject(resolved.value);
  if (fields === undefined) return success({ kind: 'token', token: resolved.value.trim() });
  for (const value of Object.values(fields))
    if (typeof value === 'string' && value !== '') context.redactor.register(value);
  return fromFields(fields, reference, context.redactor);
}

function fromFields(
  fields: Readonly<Record<string, unknown>>,
  reference: string,
  redactor: Redactor,
): Outcome<ConnectionCredentials, FloeError> {
  const { token, username, password, headers } = fields;
  if (typeof token === 'string' && token !== '') return success({ kind: 'token', token: token.trim() });
  if (typeof username === 'string' && typeof password === 'string') {
    return success({ kind: 'basic', username: username.trim(), password: password.replace(/\r?\n$/u, '') });
  }
  const parsed = typeof headers === 'string' ? (jsonObject(headers) ?? headerLines(headers)) : headers;
  const entries = headerEntries(parsed);
  if (entries !== undefined) {
    for (const value of Object.values(entries)) redactor.register(value);
    return success({ kind: 'headers', headers: entries });
  }
  return failure(
    new InputError({
      code: 'SECRET_NOT_FOUND',
      message: `The secret ${reference} has no usable keys.`,
      resolution: 'Give it the key "token", or "username" and "password", or "headers".',
      context: { reference },
    }),
  );
}

function headerEntries(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return entries.length > 0 && entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
}

function headerLines(text: string): Record<string, string> {
  const pairs = text.split(/\r?\n/u).flatMap((line) => {
    const [, name, value] = /^([A-Za-z0-9-]+)\s*:\s*(.+?)\s*$/u.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
