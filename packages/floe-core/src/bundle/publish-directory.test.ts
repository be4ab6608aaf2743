import { mkdir, mkdtemp, readFile, readdir, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FloeError } from '../errors/floe-error.js';
import type { Clock } from '../time/clock.js';
import { systemClock } from '../time/clock.js';
import { bundleHash } from './bundle-hash.js';
import { deliveredHash, publishBundle, unpublishProduct, type PublishedBundle } from './publish-directory.js';
import { writeFiles } from './write-files.js';

let home: string;
let delivery: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'floe-publish-'));
  delivery = join(home, 'delivery');
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const call = { signal: new AbortController().signal, timeoutMs: 60_000 };

interface SmallBundle {
  readonly directory: string;
  readonly product: string;
  readonly hash: string;
}

/** A bundle with one file. */
async function bundleOf(content: string, product = 'shop'): Promise<SmallBundle> {
  const directory = await mkdtemp(join(home, 'bundle-'));
  const files = await writeFiles(directory, [{ path: 'dbt/models/a.sql', content }], call.signal);
  const hash = bundleHash(files);
  const index = {
    schema: 1,
    product,
    product_version: '1.0.0',
    platform: 'local',
    environment: 'dev',
    orchestrator: 'example',
    bundle_hash: hash,
    files,
  };
  await writeFile(join(directory, 'bundle.json'), JSON.stringify(index));
  return { directory, product, hash };
}

/** A clock of its own that goes on by a second with every look. */
function steppingClock(): Clock {
  let now = Date.UTC(2026, 0, 1);
  return { now: () => (now += 1000), sleep: (milliseconds, signal) => systemClock.sleep(milliseconds, signal) };
}

async function sqlOf(published: Pick<PublishedBundle, 'link'>): Promise<string> {
  return readFile(join(published.link, 'dbt/models/a.sql'), 'utf8');
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return FloeError.isInstance(error) ? error.code : String(error);
  }
  return 'no failure';
}

describe('publishBundle', () => {
  it('puts the files beside and links them', async () => {
    const bundle = await bundleOf('one');
    const published = await publishBundle(bundle, delivery, call);
    expect(published.changed).toBe(true);
    expect(await sqlOf(published)).toBe('one');
    expect(await deliveredHash(delivery, 'shop')).toBe(bundle.hash);
    expect(await deliveredHash(delivery, 'other')).toBeUndefined();
    expect(await readlink(join(delivery, 'shop'))).toBe(`.bundles/shop/${bundle.hash.slice(7, 19)}`);
    expect((await readdir(delivery)).sort()).toEqual(['.bundles', 'shop']);
    expect(await readdir(join(delivery, '.bundles'))).toEqual(['shop']);
  });

  it('changes nothing the second time', async () => {
    const bundle = await bundleOf('one');
    const first = await publishBundle(bundle, delivery, call);
    const again = await publishBundle(bundle, delivery, call);
    expect(again).toEqual({ ...first, changed: false });
  });

  it('leaves the files of a running run where they are', async () => {
    const first = await publishBundle(await bundleOf('one'), delivery, call);
    const running = await realpath(first.link);
    const second = await publishBundle(await bundleOf('two'), delivery, call);
    expect(await sqlOf(second)).toBe('two');
    expect(await readFile(join(running, 'dbt/models/a.sql'), 'utf8')).toBe('one');
  });

  it('keeps the newest three, and the one that is in use', async () => {
    const clock = steppingClock();
    const bundles = await Promise.all(['1', '2', '3', '4'].map((content) => bundleOf(content)));
    const names = bundles.map((bundle) => bundle.hash.slice(7, 19));
    for (const bundle of bundles) await publishBundle(bundle, delivery, call, clock);
    expect((await readdir(join(delivery, '.bundles/shop'))).sort()).toEqual(names.slice(1).sort());
    const [, second, , fourth] = bundles;
    if (second === undefined || fourth === undefined) throw new Error('too few bundles');
    await publishBundle(second, delivery, call, clock);
    await publishBundle(await bundleOf('5'), delivery, call, clock);
    const left = await readdir(join(delivery, '.bundles/shop'));
    expect(left).toContain(names[1]);
    expect(left).toContain(names[3]);
    expect(left).not.toContain(names[2]);
  });

  it('clears away what a killed process left', async () => {
    const bundle = await bundleOf('one');
    await mkdir(join(delivery, '.bundles/shop/.floe-new-x/dbt'), { recursive: true });
    await publishBundle(bundle, delivery, call);
    expect(await readdir(join(delivery, '.bundles/shop'))).toEqual([bundle.hash.slice(7, 19)]);
  });

  it('repairs a delivered bundle that was changed by hand', async () => {
    const bundle = await bundleOf('one');
    const { directory } = await publishBundle(bundle, delivery, call);
    await writeFile(join(directory, 'dbt/models/a.sql'), 'edited');
    const again = await publishBundle(bundle, delivery, call);
    expect(again.changed).toBe(true);
    expect(await sqlOf(again)).toBe('one');
  });

  it('refuses a bundle that was changed after it was made, and delivers nothing', async () => {
    const bundle = await bundleOf('one');
    await writeFile(join(bundle.directory, 'dbt/models/a.sql'), 'edited');
    expect(await codeOf(publishBundle(bundle, delivery, call))).toBe('INVALID_VALUE');
    expect(await readdir(join(delivery, '.bundles/shop'))).toEqual([]);
    expect(await readdir(delivery)).toEqual(['.bundles']);
  });

  it('is right when several publish at the same time', async () => {
    const bundles = await Promise.all(Array.from({ length: 6 }, (_, index) => bundleOf(`content ${index % 4}`)));
    const published = await Promise.all(bundles.map((bundle) => publishBundle(bundle, delivery, call)));
    const link = published[0]?.link ?? '';
    const served = await realpath(link);
    expect(published.map((one) => one.directory)).toContain(served);
    expect(await readFile(join(served, 'dbt/models/a.sql'), 'utf8')).toMatch(/^content \d$/u);
    expect(await readdir(join(delivery, '.bundles'))).toEqual(['shop']);
    expect((await readdir(delivery)).sort()).toEqual(['.bundles', 'shop']);
  });

  it('never replaces a folder of the user', async () => {
    await mkdir(join(delivery, 'shop'), { recursive: true });
    await writeFile(join(delivery, 'shop', 'own.py'), 'x');
    expect(await codeOf(publishBundle(await bundleOf('one'), delivery, call))).toBe('INVALID_VALUE');
    expect(await codeOf(unpublishProduct('shop', delivery, call))).toBe('INVALID_VALUE');
    expect(await readFile(join(delivery, 'shop', 'own.py'), 'utf8')).toBe('x');
  });

  it.each(['..', '.bundles', 'a/b', ''])('refuses the product name %j', async (product) => {
    expect(await codeOf(publishBundle({ ...(await bundleOf('one')), product }, delivery, call))).toBe('INVALID_VALUE');
  });

  it('says that the delivery folder is none', async () => {
    await writeFile(join(home, 'file'), '');
    expect(await codeOf(publishBundle(await bundleOf('one'), join(home, 'file'), call))).toBe('FILE_UNREADABLE');
  });

  it('gives way to another deployment that goes on, and says so at the deadline', async () => {
    const bundle = await bundleOf('one');
    const lock = join(delivery, '.bundles/shop.lock');
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, JSON.stringify({ pid: process.pid, start_mark: null, id: 'somebody' }));
    expect(await codeOf(publishBundle(bundle, delivery, { ...call, timeoutMs: 250 }))).toBe('DEPLOYMENT_LOCKED');
  });
});

describe('unpublishProduct', () => {
  it('takes one product away and leaves the others', async () => {
    await publishBundle(await bundleOf('one'), delivery, call);
    await publishBundle(await bundleOf('one', 'other'), delivery, call);
    expect(await unpublishProduct('shop', delivery, call)).toBe(true);
    expect(await unpublishProduct('shop', delivery, call)).toBe(false);
    expect((await readdir(delivery)).sort()).toEqual(['.bundles', 'other']);
    expect(await readdir(join(delivery, '.bundles'))).toEqual(['other']);
  });
});
