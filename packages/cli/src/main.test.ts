import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is loaded before a command is known: static imports that stay after the types are gone. */
function startupImports(file: string, seen = new Set<string>(), packages = new Set<string>()): Set<string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, clause = '', specifier = ''] of text.matchAll(/^import (?!type )([^;]*? from )?'([^']+)';/gm)) {
    const named = /^\{([^}]*)\}/.exec(clause.trim())?.[1]?.split(',') ?? [''];
    if (named.every((name) => name.trim().startsWith('type ') || (name.trim() === '' && clause.startsWith('{'))))
      continue;
    if (specifier.startsWith('.'))
      startupImports(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')), seen, packages);
    else packages.add(specifier);
  }
  return packages;
}

describe('main', () => {
  it('loads nothing heavy before a command is known, so that `floe --version` is fast', () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    expect(existsSync(main)).toBe(true);
    expect([...startupImports(main)].sort()).toEqual([
      '@commander-js/extra-typings',
      '@floe/core/time/clock',
      '@floe/core/time/random',
      'commander',
      'node:fs',
    ]);
  });
});
