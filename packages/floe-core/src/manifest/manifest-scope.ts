import type { Problem } from '../errors/problem.js';
import type { Locator } from './key-path.js';

interface ScopedManifest {
  readonly scope?: 'enterprise' | 'domain' | null | undefined;
  readonly parent_manifest?: unknown;
  readonly approved_plugins?: unknown;
  readonly approved_products?: unknown;
  readonly approved_sinks?: unknown;
}

/** The rules C001 to C006 of the manifest: what each scope may contain. */
export function scopeProblems(manifest: ScopedManifest, locator: Locator): Problem[] {
  const { scope } = manifest;
  const problems: Problem[] = [];
  const given = (key: keyof ScopedManifest): boolean => manifest[key] !== undefined && manifest[key] !== null;
  const refuse = (rule: string, key: keyof ScopedManifest, message: string, resolution: string): void => {
    problems.push({
      code: 'INVALID_VALUE',
      severity: 'error',
      message: `${message} (${rule}).`,
      resolution,
      location: locator.locate([key], 'key'),
    });
  };
  if (scope === 'enterprise' && given('parent_manifest')) {
    refuse(
      'C001',
      'parent_manifest',
      'An enterprise manifest has no parent',
      'Remove parent_manifest or set "scope: domain".',
    );
  }
  if (scope === 'domain' && !given('parent_manifest')) {
    problems.push({
      code: 'MISSING_VALUE',
      severity: 'error',
      message: 'A domain manifest needs parent_manifest (C002).',
      resolution: 'Add parent_manifest with the address of the enterprise manifest.',
      location: locator.locate(['scope']),
    });
  }
  if (!given('scope') && given('parent_manifest')) {
    refuse(
      'C003',
      'parent_manifest',
      'A manifest without scope has no parent',
      'Remove parent_manifest or add "scope: domain".',
    );
  }
  if (scope !== 'enterprise' && given('approved_plugins')) {
    refuse(
      'C004',
      'approved_plugins',
      'approved_plugins belongs to an enterprise manifest',
      'Add "scope: enterprise" or remove it.',
    );
  }
  if (scope !== 'domain' && given('approved_products')) {
    refuse(
      'C005',
      'approved_products',
      'approved_products belongs to a domain manifest',
      'Add "scope: domain" or remove it.',
    );
  }
  if (scope !== 'enterprise' && given('approved_sinks')) {
    refuse(
      'C006',
      'approved_sinks',
      'approved_sinks belongs to an enterprise manifest',
      'Add "scope: enterprise" or remove it.',
    );
  }
  return problems;
}
