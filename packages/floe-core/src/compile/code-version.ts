import { hash } from 'node:crypto';
import { objectOf, textOf, type DbtMacro, type DbtResource } from './dbt-manifest.js';

/** Settings that describe a node and do not change its data. */
const descriptiveSettings = new Set(['meta', 'tags', 'docs', 'group', 'access', 'description']);

/** A function that gives sha256 over a node's code, its settings and the code of every macro that it reaches. */
export function createCodeVersion(macros: ReadonlyMap<string, DbtMacro>): (node: DbtResource) => string {
  const macroHashes = new Map<string, string>();
  const settings = new Map<string, string>();
  return (node) => {
    const direct = [...node.macros].sort().join('\n');
    let macroHash = macroHashes.get(direct);
    if (macroHash === undefined) {
      macroHash = hashOfMacros(node.macros, macros);
      macroHashes.set(direct, macroHash);
    }
    const checksum = objectOf(node.raw.checksum);
    return sha256([textOf(checksum.checksum), textOf(node.raw.raw_code), settingsOf(node.config, settings), macroHash]);
  };
}

function hashOfMacros(direct: readonly string[], macros: ReadonlyMap<string, DbtMacro>): string {
  const reached = new Set<string>();
  const pending = [...direct];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    pending.push(...(macros.get(id)?.macros ?? []));
  }
  return sha256([...reached].sort().flatMap((id) => [id, macros.get(id)?.code ?? '']));
}

/** Most nodes of a project have the same settings: they are sorted once. */
function settingsOf(config: Readonly<Record<string, unknown>>, known: Map<string, string>): string {
  const text = JSON.stringify(config);
  let canonical = known.get(text);
  if (canonical === undefined) {
    canonical = canonicalSettings(config);
    known.set(text, canonical);
  }
  return canonical;
}

function canonicalSettings(config: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    Object.entries(config)
      .filter(([key, value]) => !descriptiveSettings.has(key) && value !== null && value !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, value]) => [key, sorted(value)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
}

function sha256(parts: readonly string[]): string {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''));
}
