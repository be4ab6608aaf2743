import { failure, success, type Outcome } from '../outcome/outcome.js';

/** Where a secret value is kept; the value itself never enters a file of floe. */
export type SecretReference =
  /** `env:NAME`: an environment variable of the process that needs it. */
  | { readonly kind: 'env'; readonly name: string }
  /** `file:/path`: a file, for example a mounted secret; one trailing line break is not part of the value. */
  | { readonly kind: 'file'; readonly path: string }
  /** `k8s:namespace/name#key`, or a bare `name` (current namespace, the keys that the consumer knows). */
  | { readonly kind: 'k8s'; readonly namespace: string | null; readonly name: string; readonly key: string | null };

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/u;
const kubernetesName = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/u;
const kubernetesKey = /^[-._a-zA-Z0-9]{1,253}$/u;

/** Reads a reference; the failure is a sentence that does not repeat the text. */
export function parseSecretReference(text: string): Outcome<SecretReference, string> {
  if (text.startsWith('env:')) {
    const name = text.slice('env:'.length);
    if (environmentName.test(name)) return success({ kind: 'env', name });
    return failure('after "env:" goes the name of an environment variable (letters, digits, underscores)');
  }
  if (text.startsWith('file:')) {
    const path = text.slice('file:'.length).replace(/^\/\/(?=\/)/u, '');
    if (path.startsWith('/') && path.length > 1 && !path.includes('\0')) return success({ kind: 'file', path });
    return failure('after "file:" goes an absolute path');
  }
  if (text.startsWith('k8s:')) {
    const match = /^([^/#]+)\/([^/#]+)(?:#([^#]+))?$/u.exec(text.slice('k8s:'.length));
    const [, namespace, name, key] = match ?? [];
    const legal =
      namespace !== undefined &&
      name !== undefined &&
      kubernetesName.test(namespace) &&
      kubernetesName.test(name) &&
      (key === undefined || kubernetesKey.test(key));
    if (legal) return success({ kind: 'k8s', namespace, name, key: key ?? null });
    return failure('after "k8s:" goes namespace/name#key of a Kubernetes secret');
  }
  if (kubernetesName.test(text)) return success({ kind: 'k8s', namespace: null, name: text, key: null });
  return failure('it is not one of env:NAME, file:/path, k8s:namespace/name#key or the name of a Kubernetes secret');
}

/** True for `env:`, `file:` and `k8s:` references that are well formed; a bare name is not recognised here. */
export function isPrefixedSecretReference(text: string): boolean {
  return /^(?:env|file|k8s):/u.test(text) && parseSecretReference(text).ok;
}

const environmentExpression =
  /^\{\{\s*env_var\(\s*(?:'([A-Za-z_][A-Za-z0-9_]*)'|"([A-Za-z_][A-Za-z0-9_]*)")\s*\)\s*(?:\|\s*[a-z_]+\s*)*\}\}$/u;

/** The variable of a dbt expression `{{ env_var('NAME') }}` without a default, or undefined. */
export function environmentExpressionName(text: string): string | undefined {
  const match = environmentExpression.exec(text.trim());
  return match?.[1] ?? match?.[2];
}
