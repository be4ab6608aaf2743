import { z } from 'zod';
import { InputError, type FloeError } from '../errors/floe-error.js';
import type { HttpClientSettings } from '../http/http-client.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { PluginContext } from '../plugin-interfaces.js';
import type { CallOptions } from '../time/call-options.js';

/** Address of a server, for plugins.orchestrator.config. */
export const serverUrlSchema = z.url({
  protocol: /^https?$/u,
  error: 'must be an address that begins with http:// or https://',
});

/** HTTP headers by secret reference, for a proxy in front of the orchestrator. */
export const secretHeadersSchema = z.record(z.string().regex(/^[A-Za-z0-9-]+$/u), z.string().min(1)).default({});

/** Certificates by secret reference of their PEM texts. */
export const tlsSchema = z
  .strictObject({
    /** Of a private certificate authority. */
    certificate_authority: z.string().min(1).optional(),
    client_certificate: z.string().min(1).optional(),
    client_key: z.string().min(1).optional(),
  })
  .default({});

type Secrets = Pick<PluginContext, 'secrets' | 'redactor'>;

/** The values of headers that are given by reference. */
export async function readSecretHeaders(
  references: z.infer<typeof secretHeadersSchema>,
  context: Secrets,
  call: CallOptions,
): Promise<Outcome<Readonly<Record<string, string>>, FloeError>> {
  const headers = new Map<string, string>();
  for (const [name, reference] of Object.entries(references)) {
    const value = await readSecret(reference, context, call);
    if (!value.ok) return value;
    headers.set(name, value.value);
  }
  return success(Object.fromEntries(headers));
}

/** What a client for the orchestrator needs besides its address; holds secrets. */
export async function readHttpSettings(
  tls: z.infer<typeof tlsSchema>,
  headers: Readonly<Record<string, string>>,
  context: Secrets,
  call: CallOptions,
): Promise<Outcome<HttpClientSettings, FloeError>> {
  const { certificate_authority: authority, client_certificate: certificate, client_key: key } = tls;
  if ((certificate === undefined) !== (key === undefined)) {
    return failure(
      new InputError({
        code: 'MISSING_VALUE',
        message: 'plugins.orchestrator.config.tls needs client_certificate and client_key together.',
        resolution: 'Give both, or none.',
      }),
    );
  }
  const texts: (string | undefined)[] = [];
  for (const reference of [authority, certificate, key]) {
    const value = reference === undefined ? success(undefined) : await readSecret(reference, context, call);
    if (!value.ok) return value;
    texts.push(value.value);
  }
  const [authorityText, certificateText, keyText] = texts;
  return success({
    headers,
    ...(authorityText !== undefined && { certificateAuthority: authorityText }),
    ...(certificateText !== undefined &&
      keyText !== undefined && { clientCertificate: { certificate: certificateText, key: keyText } }),
  });
}

/** The value of a secret reference, which is redacted from now on. */
export async function readSecret(
  reference: string,
  { secrets, redactor }: Secrets,
  call: CallOptions,
): Promise<Outcome<string, FloeError>> {
  const value = await secrets.resolve(reference, call);
  if (value.ok) redactor.register(value.value);
  return value;
}
