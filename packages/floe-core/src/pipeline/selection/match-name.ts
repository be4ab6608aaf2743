import { isGlob, matchesGlob } from './glob.js';
import type { SelectionNode } from './selection-graph.js';

/**
 * True if a name without a method selects the node: the node's own name, the start of its path of names (fqn) with or
 * without the package in front, or a pattern over it. The rules are those of dbt's QualifiedNameSelectorMethod.
 */
export function matchesName(node: SelectionNode, name: string): boolean {
  const isVersioned = node.version !== null;
  return matchesFqn(node.fqn, name, isVersioned) || matchesFqn(node.fqn.slice(1), name, isVersioned);
}

function matchesFqn(fqn: readonly string[], name: string, isVersioned: boolean): boolean {
  const parts = name.split('.');
  const leaf = isVersioned ? fqn.at(-2) : fqn.at(-1);
  if (leaf === name) return true;
  if (isVersioned && fqn.slice(-2).join('_') === parts.slice(-2).join('_')) return true;
  const flat = fqn.flatMap((segment) => segment.split('.'));
  if (flat.length < parts.length) return false;
  const wild = parts.findIndex(isGlob);
  const plain = wild < 0 ? parts : parts.slice(0, wild);
  if (plain.some((part, index) => flat[index] !== part)) return false;
  if (wild < 0) return true;
  if (matchesGlob(flat.slice(wild).join('.'), parts.slice(wild).join('.'))) return true;
  return parts.length === 1 && leaf !== undefined && matchesGlob(leaf, name);
}
