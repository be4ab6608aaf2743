import { compileGlob, isGlob } from './glob.js';
import type { SelectionNode } from './selection-graph.js';

/**
 * Matcher for a name without a method: the node's own name, the start of its path of names (fqn) with or without the
 * package in front, or a pattern over it. The rules are those of dbt's QualifiedNameSelectorMethod.
 */
export function nameMatcher(name: string): (node: SelectionNode) => boolean {
  const parts = name.split('.');
  const wild = parts.findIndex(isGlob);
  const plain = wild < 0 ? parts : parts.slice(0, wild);
  const matchesRest = wild < 0 ? () => true : compileGlob(parts.slice(wild).join('.'));
  const versionedEnd = parts.slice(-2).join('_');

  const matchesFqn = (fqn: readonly string[], isVersioned: boolean): boolean => {
    const leaf = isVersioned ? fqn.at(-2) : fqn.at(-1);
    if (leaf === name) return true;
    if (isVersioned && fqn.slice(-2).join('_') === versionedEnd) return true;
    const flat = fqn.some((segment) => segment.includes('.')) ? fqn.flatMap((segment) => segment.split('.')) : fqn;
    if (flat.length < parts.length) return false;
    if (plain.some((part, index) => flat[index] !== part)) return false;
    if (wild < 0 || matchesRest(flat.slice(wild).join('.'))) return true;
    return parts.length === 1 && leaf !== undefined && matchesRest(leaf);
  };
  return ({ fqn, version }) => matchesFqn(fqn, version !== null) || matchesFqn(fqn.slice(1), version !== null);
}
