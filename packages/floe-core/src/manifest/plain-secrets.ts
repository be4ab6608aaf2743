import type { Problem } from '../errors/problem.js';
import { environmentExpressionName, isPrefixedSecretReference } from '../secrets/secret-reference.js';
import type { KeyPath, Locator } from './key-path.js';
import { isSecretKey } from './secret-keys.js';

/**
 * Secrets written in plain text: scalars under secret-looking keys, passwords inside URLs, private keys. References
 * (`env:NAME`, `file:/path`, `k8s:namespace/name#key`, `{{ env_var('NAME') }}`) are not. The value is never repeated.
 * Top-level sections of `except` hold words of other meaning, such as plugin categories.
 */
export function findPlainSecrets(data: unknown, locator: Locator, except: readonly string[] = []): Problem[] {
  const problems: Problem[] = [];
  visit(without(data, except), [], false, (path, reason) => {
    problems.push({
      code: 'SECRET_IN_PLAIN_TEXT',
      severity: 'error',
      message: `${reason} is written in plain text.`,
      resolution:
        "Keep the value outside of the file and name it: env:NAME, file:/path, k8s:namespace/name#key or {{ env_var('NAME') }}. Change the secret if the file was shared.",
      location: locator.locate(path),
    });
  });
  return problems;
}

function without(data: unknown, keys: readonly string[]): unknown {
  if (keys.length === 0 || typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key)));
}

function visit(value: unknown, path: KeyPath, secret: boolean, found: (path: KeyPath, reason: string) => void): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, [...path, index], secret, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value))
      visit(child, [...path, key], isSecretKey(key) || (secret && key === 'value'), found);
  } else if (typeof value === 'string' || (secret && typeof value === 'number')) {
    const reason = plainSecret(String(value), path, secret);
    if (reason !== undefined) found(path, reason);
  }
}

function plainSecret(text: string, path: KeyPath, secret: boolean): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/u.test(text)) return 'A private key';
  if (/\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@{]+@/iu.test(text)) return 'A password inside a URL';
  if (!secret || text.trim() === '') return undefined;
  if (isPrefixedSecretReference(text) || environmentExpressionName(text) !== undefined) return undefined;
  const key = path.findLast((segment) => typeof segment === 'string');
  return `The secret "${key ?? ''}"`;
}
