import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { compareText } from '../text/compare-text.js';
import { fileError, systemCodeOf, unreadable } from './bundle-problems.js';
import { readDbtProjectPaths, type DbtProjectPaths } from './dbt-project-paths.js';

/** A file to copy: where it is, and its path below the bundle's `dbt` folder. */
export interface ProjectFile {
  readonly source: string;
  readonly path: string;
}

export interface DbtProjectFiles {
  /** Sorted by path. */
  readonly files: readonly ProjectFile[];
  /** The dbt project's folder below the bundle's `dbt` folder; empty when it is that folder itself. */
  readonly projectPath: string;
}

/** What dbt reads at the top of a project, besides its folders. */
const topFiles = [
  'dbt_project.yml',
  'packages.yml',
  'dependencies.yml',
  'package-lock.yml',
  'selectors.yml',
  '.dbtignore',
];
/** What dbt reads in the folders that a project declares; nothing else is taken. */
const extensions = /\.(?:sql|py|csv|ya?ml|md)$/iu;
/** Never taken, whatever declares it. */
const forbiddenNames = /^(?:profiles\.ya?ml|\.env.*|\.git|\.user\.yml)$/iu;

/**
 * Lists what a bundle takes from a dbt project, by allow-list: the project's files, the folders that it declares (also
 * outside of it), and the installed packages in the same way. Never profiles.yml, .env, .git, target or logs.
 * @throws InputError for a path that cannot be taken, naming it
 */
export async function listDbtProjectFiles(projectDirectory: string, signal: AbortSignal): Promise<DbtProjectFiles> {
  const project = await realpath(projectDirectory).catch((error: unknown) => {
    throw unreadable(projectDirectory, error);
  });
  const paths = await readPaths(project);
  const folders = paths.sources.map((path) => declaredFolder(project, path));
  const installed = declaredFolder(project, paths.packages);
  const hasPackages = (await kindOf(installed)) !== 'absent';
  const root = commonAncestor([project, ...folders, ...(hasPackages ? [installed] : [])]);
  const walker = new Walker(root, signal);
  await walker.addProject(project, paths, folders);
  await walker.addPackages(installed);
  return { files: walker.sorted(), projectPath: slashed(relative(root, project)) };
}

async function readPaths(project: string): Promise<DbtProjectPaths> {
  const file = join(project, 'dbt_project.yml');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const paths = readDbtProjectPaths(text);
  if (paths.ok) return paths.value;
  throw fileError(
    'INVALID_VALUE',
    file,
    `The dbt project cannot be read: ${paths.failure}.`,
    'Correct dbt_project.yml.',
  );
}

function declaredFolder(project: string, path: string): string {
  const file = join(project, 'dbt_project.yml');
  if (isAbsolute(path)) {
    throw fileError(
      'INVALID_VALUE',
      file,
      `The path "${path}" is absolute, so it would not exist where the product runs.`,
      'Write it relative to the dbt project.',
    );
  }
  const folder = resolve(project, path);
  if (folder !== project && isInside(project, folder)) {
    throw fileError(
      'INVALID_VALUE',
      file,
      `The path "${path}" is a folder that contains the whole dbt project.`,
      'Declare the folder below it that dbt needs.',
    );
  }
  return folder;
}

/** Collects files below one root. */
class Walker {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #files = new Map<string, string>();

  constructor(root: string, signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
  }

  sorted(): ProjectFile[] {
    return [...this.#files]
      .map(([path, source]) => ({ path, source }))
      .sort((left, right) => compareText(left.path, right.path));
  }

  /** Takes one project (or package) as it stands at `directory`; `at` is where it goes, when that differs. */
  async addProject(
    directory: string,
    paths: DbtProjectPaths,
    folders: readonly string[],
    at: string = directory,
  ): Promise<void> {
    for (const name of topFiles) {
      const file = join(directory, name);
      if ((await kindOf(file)) !== 'absent') await this.#addFile(file, join(at, name), directory);
    }
    const skipped = new Set([...paths.outputs, paths.packages].map((path) => resolve(directory, path)));
    for (const folder of folders) {
      await this.#addFolder(folder, join(at, relative(directory, folder)), skipped, [directory, ...folders]);
    }
  }

  /** Packages may be links to local folders: dbt deps makes them so. */
  async addPackages(installed: string): Promise<void> {
    for (const name of (await entriesOf(installed)).map((entry) => entry.name)) {
      const linked = join(installed, name);
      if ((await kindOf(join(linked, 'dbt_project.yml'))) === 'absent') continue;
      const directory = await realpath(linked).catch((error: unknown) => {
        throw unreadable(linked, error);
      });
      const paths = await readPaths(directory);
      const folders = paths.sources.map((path) => declaredFolder(directory, path));
      const outside = folders.find((folder) => !isInside(folder, directory));
      if (outside !== undefined) {
        throw fileError(
          'INVALID_VALUE',
          join(linked, 'dbt_project.yml'),
          `The installed package "${name}" needs the folder ${outside}, which is outside of the package.`,
          'Use a package that is complete in itself.',
        );
      }
      await this.addProject(directory, paths, folders, linked);
    }
  }

  /** Folders that are links are not entered, as dbt does not; a declared folder itself may be a link inside. */
  async #addFolder(
    folder: string,
    at: string,
    skipped: ReadonlySet<string>,
    allowed: readonly string[],
  ): Promise<void> {
    const kind = await kindOf(folder);
    if (kind === 'absent') return;
    if (kind === 'link') await this.#requireInside(folder, allowed);
    const pending: { from: string; to: string }[] = [{ from: folder, to: at }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      this.#signal.throwIfAborted();
      for (const entry of await entriesOf(next.from)) {
        const from = join(next.from, entry.name);
        const to = join(next.to, entry.name);
        if (forbiddenNames.test(entry.name) || skipped.has(from)) continue;
        if (entry.isDirectory()) pending.push({ from, to });
        else if (extensions.test(entry.name)) await this.#addFile(from, to, ...allowed);
      }
    }
  }

  async #addFile(from: string, to: string, ...allowed: readonly string[]): Promise<void> {
    const kind = await kindOf(from);
    if (kind === 'link') {
      await this.#requireInside(from, allowed);
      const target = await stat(from);
      if (target.isDirectory()) return;
      if (!target.isFile()) throw notAFile(from);
    } else if (kind !== 'file') {
      throw notAFile(from);
    }
    this.#files.set(slashed(relative(this.#root, to)), from);
  }

  async #requireInside(link: string, allowed: readonly string[]): Promise<void> {
    const target = await realpath(link).catch((error: unknown) => {
      throw unreadable(link, error);
    });
    const roots = await Promise.all(allowed.map((folder) => realpath(folder).catch(() => folder)));
    const home = roots.find((folder) => folder !== target && isInside(target, folder));
    const isForbidden =
      home !== undefined &&
      relative(home, target)
        .split(sep)
        .some((part) => forbiddenNames.test(part));
    if (home !== undefined && !isForbidden) return;
    throw fileError(
      'INVALID_VALUE',
      link,
      isForbidden
        ? 'The symbolic link leads to a file that is never taken.'
        : 'The symbolic link leads outside of the dbt project, so its target is not taken.',
      'Put the file itself there, or declare its folder in dbt_project.yml.',
    );
  }
}

function notAFile(path: string): Error {
  return fileError('FILE_UNREADABLE', path, 'It is not a regular file.', 'Remove it from the dbt project.');
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'link' | 'other' | 'absent'> {
  try {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return 'link';
    if (stats.isDirectory()) return 'directory';
    return stats.isFile() ? 'file' : 'other';
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
    throw unreadable(path, error);
  }
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw unreadable(directory, error);
  }
}

function commonAncestor(paths: readonly string[]): string {
  let ancestor = paths[0] ?? sep;
  for (const path of paths) while (!isInside(path, ancestor)) ancestor = dirname(ancestor);
  return ancestor;
}

/** True for the folder itself too. */
function isInside(path: string, folder: string): boolean {
  const steps = relative(folder, path);
  return steps !== '..' && !steps.startsWith(`..${sep}`) && !isAbsolute(steps);
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}
