import type { Observability } from '@floe/core/artifacts/observability';
import { success, type Outcome } from '@floe/core/outcome/outcome';
import type { FloeError } from '@floe/core/errors/floe-error';
import type { SecretResolver } from '@floe/core/secrets/secret-resolver';
import type { CallOptions } from '@floe/core/time/call-options';

/** The headers with which the collector lets spans in; values are secrets. */
export async function collectorHeaders(
  authentication: Observability['telemetry']['authentication'],
  secrets: SecretResolver,
  call: CallOptions,
): Promise<Outcome<Readonly<Record<string, string>>, FloeError>> {
  const reference = authentication?.auth_type === 'bearer' ? authentication.bearer_token : authentication?.api_key;
  if (authentication == null || reference == null) return success({});
  const secret = await secrets.resolve(reference, call);
  if (!secret.ok) return secret;
  const value = authentication.auth_type === 'bearer' ? `Bearer ${secret.value}` : secret.value;
  return success({ [authentication.header_name]: value });
}
