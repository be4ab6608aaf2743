import { FloeError, InputError } from '@floe/core/errors/floe-error';
import { failure, success, type Outcome } from '@floe/core/outcome/outcome';
import { deadlineSignal } from '@floe/core/time/deadline-signal';
import type { CallOptions } from '@floe/core/time/call-options';
import { once } from 'node:events';

/** Names a Kubernetes secret; namespace null is the current one. */
export interface KubernetesSecretName {
  readonly namespace: string | null;
  readonly name: string;
}

/** Reads the data of secrets; values are Base64 as in the Kubernetes API. Rejects with an error that has a `code`. */
export interface KubernetesSecretReader {
  readonly currentNamespace: string;
  read(namespace: string, name: string): Promise<Readonly<Record<string, string>>>;
}

/** Reads all keys of a Kubernetes secret, decoded. The reader is made when it is first needed. */
export async function readKubernetesSecret(
  secret: KubernetesSecretName,
  call: CallOptions,
  createReader: () => Promise<KubernetesSecretReader> = createKubernetesReader,
): Promise<Outcome<Readonly<Record<string, string>>, FloeError>> {
  const signal = deadlineSignal(call);
  const place = `${secret.namespace === null ? '' : `${secret.namespace}/`}${secret.name}`;
  try {
    const reader = await createReader();
    const found = await Promise.race([
      reader.read(secret.namespace ?? reader.currentNamespace, secret.name),
      aborted(signal),
    ]);
    if (found === undefined) return failure(unreachable(place, call));
    const entries = Object.entries(found).map(
      ([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const,
    );
    return success(Object.fromEntries(entries));
  } catch (error) {
    return failure(refused(place, statusOf(error)));
  }
}

/** The reader of the kubeconfig or of the service account of this machine. */
async function createKubernetesReader(): Promise<KubernetesSecretReader> {
  const { CoreV1Api, KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromDefault();
  const api = config.makeApiClient(CoreV1Api);
  return {
    currentNamespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    read: async (namespace, name) => (await api.readNamespacedSecret({ namespace, name })).data ?? {},
  };
}

async function aborted(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
  return undefined;
}

/** The HTTP status; the error's text may hold what the server sent and is not used. */
function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;
}

function refused(place: string, status: number | undefined): FloeError {
  if (status === 404) {
    return new InputError({
      code: 'SECRET_NOT_FOUND',
      message: `The Kubernetes secret ${place} does not exist.`,
      resolution: 'Correct the reference in the manifest, or create the secret.',
    });
  }
  if (status === 401 || status === 403) {
    return new InputError({
      code: 'SECRET_NOT_FOUND',
      message: `The Kubernetes secret ${place} may not be read by this user.`,
      resolution: 'Ask for the permission to `get` this secret, or use env:NAME or file:/path.',
    });
  }
  return new InputError({
    code: 'SECRET_NOT_FOUND',
    message: `The Kubernetes secret ${place} could not be read${status === undefined ? '' : ` (status ${status})`}.`,
    resolution: 'Check that the kubeconfig points to the cluster and that it answers, or use env:NAME or file:/path.',
  });
}

function unreachable(place: string, call: CallOptions): FloeError {
  if (call.signal.aborted) {
    return new FloeError({
      code: 'CANCELLED',
      message: 'Reading a secret was cancelled.',
      resolution: 'Run the command again.',
    });
  }
  return new InputError({
    code: 'SECRET_NOT_FOUND',
    message: `The Kubernetes secret ${place} could not be read in time.`,
    resolution: 'Check that the cluster of the kubeconfig answers, or use env:NAME or file:/path.',
  });
}
