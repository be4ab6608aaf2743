import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { environmentExpressionName, isPrefixedSecretReference, parseSecretReference } from './secret-reference.js';

describe('parseSecretReference', () => {
  it.each([
    ['env:DB_PASSWORD', { kind: 'env', name: 'DB_PASSWORD' }],
    ['file:/run/secrets/db', { kind: 'file', path: '/run/secrets/db' }],
    ['file:///run/secrets/db', { kind: 'file', path: '/run/secrets/db' }],
    ['k8s:team-a/db#password', { kind: 'k8s', namespace: 'team-a', name: 'db', key: 'password' }],
    ['k8s:team-a/db', { kind: 'k8s', namespace: 'team-a', name: 'db', key: null }],
    ['dagster-api', { kind: 'k8s', namespace: null, name: 'dagster-api', key: null }],
  ])('reads %s', (text, value) => {
    expect(parseSecretReference(text)).toEqual({ ok: true, value });
  });

  it.each([
    '',
    'env:',
    'env:1A',
    'env:a b',
    'env:A=B',
    'file:',
    'file:relative',
    'file:/',
    'k8s:db',
    'k8s:a/b/c',
    'k8s:A/b',
    'k8s:a/b#',
    'k8s:a/b#c#d',
    'Hunter2!',
    'a b',
    '-a',
  ])('refuses %j', (text) => {
    const outcome = parseSecretReference(text);
    expect(outcome.ok).toBe(false);
  });

  it('never repeats the text', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'env:', 'file:', 'k8s:'), fc.stringMatching(/^[A-Z]{6}!{2}$/), (prefix, rest) => {
        const outcome = parseSecretReference(prefix + rest);
        expect(outcome.ok ? '' : outcome.failure).not.toContain(rest);
      }),
    );
  });

  it('tells references from plain text', () => {
    expect(isPrefixedSecretReference('env:A')).toBe(true);
    expect(isPrefixedSecretReference('dagster-api')).toBe(false);
    expect(environmentExpressionName("{{ env_var('A') }}")).toBe('A');
    expect(environmentExpressionName('{{env_var("A")|int}}')).toBe('A');
    expect(environmentExpressionName("{{ env_var('A', 'default') }}")).toBeUndefined();
    expect(environmentExpressionName("x{{ env_var('A') }}")).toBeUndefined();
  });
});
