import type { Problem } from '../errors/problem.js';
import { formatKeyPath, type KeyPath, type Locator } from '../manifest/key-path.js';
import { isReferenceKey, isSecretKey } from '../manifest/secret-keys.js';
import { environmentExpressionName, isPrefixedSecretReference } from '../secrets/secret-reference.js';

/**
 * Secret references of floe.yaml that the manifest does not allow. References are looked for where they mean something:
 * under secret-looking keys, under `*_ref` keys, in `destinations[].config` and in `dbt.vars`.
 */
export function findSecretsNotAllowed(
  spec: unknown,
  allowed: readonly string[],
  locator: Locator,
  manifest: Locator,
): Problem[] {
  return referencesOf(spec, [])
    .filter(({ reference }) => !allowed.some((pattern) => matches(pattern, reference)))
    .map(({ reference, path }) => ({
      code: 'SECRET_NOT_ALLOWED',
      severity: 'error',
      message: `The platform does not allow this product to use the secret "${reference}".`,
      resolution: `Ask the owner of the platform to add it to allowed_secret_refs in ${manifest.file}.`,
      location: locator.locate(path),
    }));
}

function matches(pattern: string, reference: string): boolean {
  return pattern.endsWith('*') ? reference.startsWith(pattern.slice(0, -1)) : reference === pattern;
}

interface FoundReference {
  readonly reference: string;
  readonly path: KeyPath;
}

function referencesOf(value: unknown, path: KeyPath): FoundReference[] {
  if (typeof value === 'string') {
    const reference = referenceAt(value, path);
    return reference === undefined ? [] : [{ reference, path }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesOf(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => referencesOf(child, [...path, key]));
}

function referenceAt(text: string, path: KeyPath): string | undefined {
  const key = path.findLast((segment) => typeof segment === 'string') ?? '';
  if (isReferenceKey(key)) return text;
  if (!/^\s*(?:\{\{|env:|file:|k8s:)/u.test(text)) return undefined;
  const variable = environmentExpressionName(text);
  if (variable !== undefined) return `env:${variable}`;
  const meaningful = isSecretKey(key) || /^(?:destinations\[\d+\]\.config|dbt\.vars)\./u.test(formatKeyPath(path));
  return meaningful && isPrefixedSecretReference(text) ? text : undefined;
}
