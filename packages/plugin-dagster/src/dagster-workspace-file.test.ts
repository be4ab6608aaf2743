import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import {
  addDeliveredLocation,
  ensureWorkspaceFile,
  readDeliveredLocations,
  removeDeliveredLocation,
  workspaceFileName,
} from './dagster-workspace-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-workspace-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const shop = { location: 'shop', folder: 'shop' };

async function content(): Promise<unknown> {
  return parse(await readFile(join(folder, workspaceFileName), 'utf8'));
}

describe('workspace.yaml', () => {
  it('is made empty, and left alone when it is there', async () => {
    await ensureWorkspaceFile(folder);
    expect(await content()).toEqual({ load_from: [] });
    await addDeliveredLocation(folder, shop);
    await ensureWorkspaceFile(folder);
    expect(await readDeliveredLocations(folder)).toEqual([shop]);
    expect(await readdir(folder)).toEqual([workspaceFileName]);
  });

  it('gets a code location once', async () => {
    expect(await addDeliveredLocation(folder, shop)).toBe(true);
    expect(await addDeliveredLocation(folder, shop)).toBe(false);
    expect(await content()).toEqual({
      load_from: [
        {
          python_file: {
            relative_path: 'shop/definitions.py',
            working_directory: 'shop',
            attribute: 'defs',
            location_name: 'shop',
          },
        },
      ],
    });
  });

  it('keeps what others wrote', async () => {
    const foreign = {
      load_from: [{ python_module: 'mine' }, { python_file: 'other.py' }, { grpc_server: { port: 4000 } }],
    };
    await writeFile(join(folder, workspaceFileName), JSON.stringify(foreign));
    await addDeliveredLocation(folder, shop);
    expect(await readDeliveredLocations(folder)).toEqual([shop]);
    expect(await removeDeliveredLocation(folder, 'shop')).toBe(true);
    expect(await removeDeliveredLocation(folder, 'shop')).toBe(false);
    expect(await content()).toEqual(foreign);
  });

  it('moves a code location to another folder', async () => {
    await addDeliveredLocation(folder, shop);
    await addDeliveredLocation(folder, { location: 'shop', folder: 'shop-2' });
    expect(await readDeliveredLocations(folder)).toEqual([{ location: 'shop', folder: 'shop-2' }]);
  });

  it('is not overwritten when it cannot be read', async () => {
    await writeFile(join(folder, workspaceFileName), 'load_from: [');
    await expect(addDeliveredLocation(folder, shop)).rejects.toMatchObject({ code: 'YAML_SYNTAX' });
    expect(await readFile(join(folder, workspaceFileName), 'utf8')).toBe('load_from: [');
  });
});
