import { randomUUID } from 'node:crypto';
import { lstat, readdir, readlink, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FloeError } from '../errors/floe-error.js';
import { acquireLock } from '../process/lock-file.js';
import type { CallOptions } from '../time/call-options.js';
import { systemClock, type Clock } from '../time/clock.js';
import { deadlineSignal } from '../time/deadline-signal.js';
import { writeDirectoryAtomically } from './atomic-directory.js';
import type { Bundle } from './bundle.js';
import { bundleIndexName, shortHash } from './bundle-hash.js';
import { fileError, systemCodeOf } from './bundle-problems.js';
import { readBundleIndex, verifyBundleFiles } from './read-bundle.js';
import { writeFiles } from './write-files.js';

/** Bundles of a product that stay, so that a running run keeps its files and a return is quick. */
const keptBundles = 3;
/** Folder of the bundles themselves; hidden, so that orchestrators that look for code skip it. */
const storeName = '.bundles';

export interface PublishedBundle {
  /** Folder with the bundle's files. */
  readonly directory: string;
  /** The link that the orchestrator loads: `<delivery>/<product>`. */
  readonly link: string;
  /** False when this bundle was there and in use already. */
  readonly changed: boolean;
}

/**
 * Delivers a bundle to a folder: its files go to `<delivery>/.bundles/<product>/<hash12>`, then the link
 * `<delivery>/<product>` is swapped to them in one step. Doing it again changes nothing; the newest 3 bundles stay.
 * @throws InputError when the delivery folder cannot take it; FloeError DEPLOYMENT_LOCKED or CANCELLED
 */
export async function publishBundle(
  bundle: Pick<Bundle, 'directory' | 'product' | 'hash'>,
  deliveryDirectory: string,
  call: CallOptions,
  clock: Clock = systemClock,
): Promise<PublishedBundle> {
  const places = placesOf(bundle.product, deliveryDirectory);
  return withLock(places, call, clock, async (signal) => {
    await requireLinkOrNothing(places.link);
    const directory = join(places.store, shortHash(bundle.hash));
    const isNew = await storeBundle(bundle, directory, signal);
    const target = join(storeName, bundle.product, shortHash(bundle.hash));
    const isLinked = (await linkTarget(places.link)) === target;
    if (!isLinked) await swapLink(places, target);
    const now = new Date(clock.now());
    await utimes(directory, now, now);
    await removeOldBundles(places.store, shortHash(bundle.hash));
    return { directory, link: places.link, changed: isNew || !isLinked };
  });
}

/**
 * Takes a product's link and all of its bundles away; other products stay. Doing it again changes nothing.
 * @returns true when there was something to remove
 */
export async function unpublishProduct(
  product: string,
  deliveryDirectory: string,
  call: CallOptions,
  clock: Clock = systemClock,
): Promise<boolean> {
  const places = placesOf(product, deliveryDirectory);
  return withLock(places, call, clock, async () => {
    await requireLinkOrNothing(places.link);
    const hadLink = (await linkTarget(places.link)) !== undefined;
    if (hadLink) await rm(places.link, { force: true });
    const hadStore = (await namesOf(places.store)).length > 0;
    await rm(places.store, { recursive: true, force: true });
    return hadLink || hadStore;
  });
}

/** Hash of the bundle that a product's link leads to; undefined when none is delivered, or none that can be read. */
export async function deliveredHash(deliveryDirectory: string, product: string): Promise<string | undefined> {
  try {
    return (await readBundleIndex(placesOf(product, deliveryDirectory).link)).bundle_hash;
  } catch {
    return undefined;
  }
}

interface Places {
  readonly product: string;
  readonly delivery: string;
  readonly link: string;
  readonly store: string;
  readonly lock: string;
}

function placesOf(product: string, deliveryDirectory: string): Places {
  const delivery = resolve(deliveryDirectory);
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/u.test(product)) {
    throw fileError('INVALID_VALUE', delivery, `"${product}" cannot be the name of a folder.`, 'Rename the product.');
  }
  return {
    product,
    delivery,
    link: join(delivery, product),
    store: join(delivery, storeName, product),
    lock: join(delivery, storeName, `${product}.lock`),
  };
}

/** One publication of a product at a time; failures of the disk become errors that name the folder. */
async function withLock<Result>(
  places: Places,
  call: CallOptions,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = deadlineSignal(call);
  try {
    const lock = await acquireLock(places.lock, { clock }, call);
    if (!lock.ok) throw lock.failure === 'cancelled' ? cancelled(places) : locked(places);
    try {
      signal.throwIfAborted();
      return await work(signal);
    } finally {
      await lock.value.release();
    }
  } catch (error) {
    if (FloeError.isInstance(error)) throw error;
    if (signal.aborted) throw cancelled(places);
    throw cannotWrite(places, error);
  }
}

/** @returns false when the same bundle was stored already and is still complete */
async function storeBundle(
  bundle: Pick<Bundle, 'directory' | 'hash'>,
  directory: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (await isComplete(directory, bundle.hash)) return false;
  const index = await readBundleIndex(bundle.directory);
  const paths = [...Object.keys(index.files), bundleIndexName];
  await writeDirectoryAtomically(directory, async (temporary) => {
    const files = paths.map((path) => ({ path, source: join(bundle.directory, path) }));
    const { [bundleIndexName]: _index, ...hashes } = await writeFiles(temporary, files, signal);
    const changed = Object.keys(hashes).find((path) => hashes[path] !== index.files[path]);
    if (index.bundle_hash !== bundle.hash || changed !== undefined) {
      throw fileError(
        'INVALID_VALUE',
        join(bundle.directory, changed ?? bundleIndexName),
        'The bundle has changed since it was made.',
        'Make it again with "floe generate"; do not change it by hand.',
      );
    }
  });
  return true;
}

async function isComplete(directory: string, hash: string): Promise<boolean> {
  try {
    const index = await readBundleIndex(directory);
    return index.bundle_hash === hash && (await verifyBundleFiles(directory, index)).length === 0;
  } catch {
    return false;
  }
}

/** A link is made beside and renamed over the old one, so that there is always one. */
async function swapLink(places: Places, target: string): Promise<void> {
  const temporary = join(places.store, `.floe-link-${randomUUID()}`);
  await symlink(target, temporary);
  try {
    await rename(temporary, places.link);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function linkTarget(link: string): Promise<string | undefined> {
  try {
    return await readlink(link);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function requireLinkOrNothing(link: string): Promise<void> {
  try {
    if ((await lstat(link)).isSymbolicLink()) return;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  throw fileError(
    'INVALID_VALUE',
    link,
    'There is something else than a delivered product with this name.',
    'Move it away, or deliver to another folder.',
  );
}

async function removeOldBundles(store: string, current: string): Promise<void> {
  // Leftovers of a process that was killed; nobody else is at work here while the lock is held.
  for (const name of await namesOf(store)) {
    if (name.startsWith('.floe-')) await rm(join(store, name), { recursive: true, force: true });
  }
  const bundles: { readonly name: string; readonly time: number }[] = [];
  for (const name of await namesOf(store)) {
    if (/^[0-9a-f]{12}$/u.test(name)) bundles.push({ name, time: (await stat(join(store, name))).mtimeMs });
  }
  const newestFirst = bundles.sort((left, right) => right.time - left.time);
  const kept = [...new Set([current, ...newestFirst.map(({ name }) => name)])].slice(0, keptBundles);
  for (const { name } of newestFirst) {
    if (kept.includes(name)) continue;
    const away = join(store, `.floe-old-${randomUUID()}`);
    await rename(join(store, name), away);
    await rm(away, { recursive: true, force: true });
  }
}

async function namesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function locked(places: Places): FloeError {
  return new FloeError({
    code: 'DEPLOYMENT_LOCKED',
    message: `Another deployment of "${places.product}" to ${places.delivery} is going on.`,
    resolution: 'Wait until it has ended, then deploy again.',
  });
}

function cancelled(places: Places): FloeError {
  return new FloeError({
    code: 'CANCELLED',
    message: `The delivery of "${places.product}" was cancelled or took too long; what was delivered before is in use.`,
    resolution: 'Deploy again.',
  });
}

function cannotWrite(places: Places, error: unknown): FloeError {
  return fileError(
    'FILE_UNREADABLE',
    places.delivery,
    `The folder cannot be delivered to (${systemCodeOf(error) ?? 'writing failed'}).`,
    'Check its permissions and the free space; the user who runs floe must be able to make links in it.',
  );
}
