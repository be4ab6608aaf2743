import { createHash } from 'node:crypto';

/** Name of the file that holds the hash, and is therefore not part of it. */
export const bundleIndexName = 'bundle.json';

/**
 * Identity of a bundle's content: sha256 over the lines `path NUL sha256 LF`, sorted by the bytes of the path, without
 * bundle.json. Python computes the same from bundle.json (`sorted(files)` orders by code point, which is byte order).
 * @param files lower-case hexadecimal sha256 by path with forward slashes
 * @returns `sha256:<64 hexadecimal digits>`
 */
export function bundleHash(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const path of sortedPaths(Object.keys(files))) {
    if (path !== bundleIndexName) hash.update(`${path}\0${files[path] ?? ''}\n`);
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Paths by the order of their UTF-8 bytes. */
export function sortedPaths(paths: Iterable<string>): string[] {
  return [...paths]
    .map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
    .map(({ path }) => path);
}

/** The first 12 digits: the name of the folder that holds a delivered bundle. */
export function shortHash(hash: string): string {
  return hash.replace(/^sha256:/u, '').slice(0, 12);
}
