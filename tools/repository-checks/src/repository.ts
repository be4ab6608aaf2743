import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files of the repository, as the checks see them; paths are relative with forward slashes. */
export interface Repository {
  /** Every file that git tracks or would track. */
  readonly files: readonly string[];
  exists(path: string): boolean;
  read(path: string): string;
}

/** The repository that this file stands in. */
export function openRepository(): Repository {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  return {
    files,
    exists: (path) => existsSync(join(root, path)),
    read: (path) => readFileSync(join(root, path), 'utf8'),
  };
}

/** A repository of the given files, for tests of the rules. */
export function repositoryOf(contents: Readonly<Record<string, string>>): Repository {
  return {
    files: Object.keys(contents),
    exists: (path) => Object.keys(contents).some((file) => file === path || file.startsWith(`${path}/`)),
    read: (path) => contents[path] ?? '',
  };
}
