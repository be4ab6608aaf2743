import type { FloeError } from '../errors/floe-error.js';
import type { Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';

/** Reads secret values by reference (`env:NAME`, `file:/path`, `k8s:namespace/name#key`); injected. */
export interface SecretResolver {
  resolve(reference: string, options: CallOptions): Promise<Outcome<string, FloeError>>;
}
