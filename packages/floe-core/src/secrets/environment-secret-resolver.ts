import { once } from 'node:events';
import { FloeError, InputError } from '../errors/floe-error.js';
import { failure, success, type Outcome } from '../outcome/outcome.js';
import type { CallOptions } from '../time/call-options.js';
import { deadlineSignal } from '../time/deadline-signal.js';
import { parseSecretReference } from './secret-reference.js';
import type { SecretResolver } from './secret-resolver.js';

/** Where secret values may come from. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
  /** Reads all keys of a Kubernetes secret; namespace null is the current one. Without it `k8s:` is refused. */
  readonly kubernetes?: (
    secret: { readonly namespace: string | null; readonly name: string },
    options: CallOptions,
  ) => Promise<Outcome<Readonly<Record<string, string>>, FloeError>>;
}

/**
 * Reads secrets by reference. Absent and empty secrets are SECRET_NOT_FOUND; messages name the reference, never a value.
 * One line break at the end of a file is not part of the value. A Kubernetes reference without a key gives all keys as
 * the text of a JSON object (see `resolveConnectionCredentials`).
 */
export function createSecretResolver(sources: SecretSources): SecretResolver {
  return {
    async resolve(text, options) {
      const parsed = parseSecretReference(text);
      if (!parsed.ok) return failure(invalidReference(parsed.failure));
      if (options.signal.aborted) return failure(cancelled());
      const reference = parsed.value;
      switch (reference.kind) {
        case 'env':
          return present(sources.env[reference.name], text, `Set the environment variable ${reference.name}.`);
        case 'file':
          return readSecretFile(reference.path, text, sources, options);
        case 'k8s':
          return readKubernetes(reference, text, sources, options);
      }
    },
  };
}

async function readSecretFile(
  path: string,
  reference: string,
  sources: SecretSources,
  options: CallOptions,
): Promise<Outcome<string, FloeError>> {
  const ended = deadlineSignal(options);
  try {
    const content = await Promise.race([sources.readFile(path), abortOf(ended)]);
    if (content !== undefined)
      return present(content.replace(/\r?\n$/u, ''), reference, `Write the value into ${path}.`);
    return failure(
      options.signal.aborted
        ? cancelled()
        : notFound(reference, 'Reading the file took too long; check where it is mounted.'),
    );
  } catch {
    return failure(notFound(reference, `Check that ${path} exists and may be read.`));
  }
}

async function abortOf(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
  return undefined;
}

async function readKubernetes(
  secret: { readonly namespace: string | null; readonly name: string; readonly key: string | null },
  reference: string,
  sources: SecretSources,
  options: CallOptions,
): Promise<Outcome<string, FloeError>> {
  if (sources.kubernetes === undefined) {
    return failure(notFound(reference, 'Secrets of Kubernetes cannot be read here; use env:NAME or file:/path.'));
  }
  const found = await sources.kubernetes({ namespace: secret.namespace, name: secret.name }, options);
  if (!found.ok) return found;
  const { key } = secret;
  if (key === null) return success(JSON.stringify(found.value));
  const value = Object.hasOwn(found.value, key) ? found.value[key] : undefined;
  return present(value, reference, `Add the key ${key} to the Kubernetes secret ${secret.name}.`);
}

function present(value: string | undefined, reference: string, resolution: string): Outcome<string, FloeError> {
  return value === undefined || value === '' ? failure(notFound(reference, resolution)) : success(value);
}

function notFound(reference: string, resolution: string): FloeError {
  return new InputError({
    code: 'SECRET_NOT_FOUND',
    message: `The secret ${reference} was not found or is empty.`,
    resolution,
    context: { reference },
  });
}

function invalidReference(reason: string): FloeError {
  return new InputError({
    code: 'INVALID_VALUE',
    message: `A secret reference is not valid: ${reason}.`,
    resolution: 'Write env:NAME, file:/path or k8s:namespace/name#key.',
  });
}

function cancelled(): FloeError {
  return new FloeError({ code: 'CANCELLED', message: 'Reading a secret was cancelled.', resolution: 'Start again.' });
}
