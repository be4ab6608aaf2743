import { execFileSync } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../time/clock.js';
import { ensurePythonEnvironment, type PythonEnvironment } from './python-environment.js';
import type { PythonEnvironmentSpec } from '../plugin-interfaces.js';

const lock = 'six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n';

let home: string;
let spec: PythonEnvironmentSpec;
const lines: string[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'floe-python-'));
  const lockFile = join(home, 'requirements.txt');
  await writeFile(lockFile, lock);
  const wheel = join(home, 'floe_probe-1.0-py3-none-any.whl');
  execFileSync('python3', ['-c', makeWheel, wheel]);
  spec = { name: 'tiny', lockFile, wheels: [wheel] };
});
afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

/** A wheel with one module and one command, as the runtime has. */
const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    wheel.writestr("floe_probe.py", "def main():\\n    print('probe')\\n")
    info = "floe_probe-1.0.dist-info/"
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: floe-probe\\nVersion: 1.0\\nRequires-Dist: no-such-package-at-all\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nfloe-probe = floe_probe:main\\n")
    wheel.writestr(info + "RECORD", "")
`;

function ensure(
  change: Partial<PythonEnvironmentSpec> = {},
  env = process.env,
  signal = new AbortController().signal,
): Promise<PythonEnvironment> {
  return ensurePythonEnvironment(
    { ...spec, ...change },
    { home, clock: systemClock, env, log: (line) => lines.push(line) },
    { signal, timeoutMs: 150_000 },
  );
}

function run(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8' }).trim();
}

async function leftovers(): Promise<string[]> {
  const entries = [...(await readdir(join(home, 'environments'))), ...(await readdir(join(home, 'tools')))];
  return entries.filter((entry) => entry.startsWith('.'));
}

describe('ensurePythonEnvironment', () => {
  it('makes one environment for two callers at once, and finds it again', async () => {
    const [first, second] = await Promise.all([ensure(), ensure()]);
    expect(second).toEqual(first);
    expect(first.binDirectory).toMatch(/\/environments\/tiny-[0-9a-f]{12}\/bin$/);
    expect(lines.filter((line) => line.startsWith('Installing the Python environment'))).toHaveLength(1);
    expect(lines).toContain('Waiting for another process that makes the Python environment tiny');
    expect(run(first.python, '-c', 'import six, floe_probe; print(six.__version__)')).toBe('1.17.0');
    expect(run(join(first.binDirectory, 'floe-probe'))).toBe('probe');
    expect(await leftovers()).toEqual([]);

    lines.length = 0;
    expect(await ensure({}, { PATH: '/nowhere' })).toEqual(first);
    expect(lines).toEqual([]);
  });

  it('makes another environment when a file changes', async () => {
    const before = await ensure();
    const lockFile = join(home, 'other.txt');
    await writeFile(lockFile, `${lock}# changed\n`);
    expect((await ensure({ lockFile })).python).not.toBe(before.python);
  });

  it('makes the environment again when its interpreter is gone', async () => {
    const { python } = await ensure();
    await unlink(python);
    await symlink('/nowhere/python3', python);
    await ensure();
    expect(run(python, '-c', 'import six; print(six.__version__)')).toBe('1.17.0');
  });

  it('works after its folder was moved', async () => {
    const { binDirectory } = await ensure();
    const moved = `${home}-moved`;
    await rename(home, moved);
    try {
      expect(run(join(moved, binDirectory.slice(home.length), 'floe-probe'))).toBe('probe');
    } finally {
      await rename(moved, home);
    }
  });

  it('clears away what a killed installation left', async () => {
    const left = join(home, 'environments', '.building-tiny-killed');
    await mkdir(left, { recursive: true });
    const lockFile = join(home, 'after-kill.txt');
    await writeFile(lockFile, `${lock}# after a kill\n`);
    await ensure({ lockFile });
    await expect(access(left)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses a package that is not the locked one, and leaves nothing', async () => {
    const lockFile = join(home, 'forged.txt');
    await writeFile(lockFile, `six==1.17.0 --hash=sha256:${'0'.repeat(64)}\n`);
    const before = await readdir(join(home, 'environments'));
    await expect(ensure({ name: 'forged', lockFile })).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: expect.stringContaining('not the one that was locked') as unknown,
    });
    expect(await readdir(join(home, 'environments'))).toEqual(before);
  });

  it('says what to do without a network, and names no address', async () => {
    const lockFile = join(home, 'offline.txt');
    await writeFile(lockFile, `${lock}# offline\n`);
    const closed = 'http://user:canary@127.0.0.1:9';
    const env = {
      ...process.env,
      UV_INDEX_URL: closed,
      UV_DEFAULT_INDEX: closed,
      UV_CACHE_DIR: join(home, 'empty-cache'),
      UV_HTTP_RETRIES: '0',
    };
    const error: unknown = await ensure({ name: 'offline', lockFile }, env).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: expect.stringContaining('packages could not be downloaded') as unknown,
      resolution: expect.stringContaining('HTTPS_PROXY') as unknown,
    });
    expect(JSON.stringify(error)).not.toMatch(/canary|127\.0\.0\.1/);
  });

  it('says which Python is needed when there is none', async () => {
    const env = { ...process.env, PATH: '/nowhere' };
    await expect(ensure({ name: 'pythonless' }, env)).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: expect.stringContaining('no python3 on the PATH') as unknown,
      resolution: expect.stringContaining('Install Python') as unknown,
    });
  });

  it('stops when it is cancelled', async () => {
    await expect(ensure({ name: 'cancelled' }, process.env, AbortSignal.abort())).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('names a file of the package that is missing', async () => {
    await expect(ensure({ wheels: [join(home, 'missing.whl')] })).rejects.toMatchObject({
      code: 'PYTHON_ENVIRONMENT_FAILED',
      message: expect.stringContaining('missing.whl') as unknown,
    });
  });
});
