import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../outcome/outcome.js';
import type { FloeError } from '../errors/floe-error.js';
import { findProcess } from '../process/process-table.js';
import type { DbtParseInput } from './dbt-parse-input.js';
import { runDbtParse } from './dbt-parse.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-dbt-parse-test-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Stands in for a Python with dbt: a shell script that gets the same arguments and environment. */
async function fakePython(script: string): Promise<string> {
  const file = join(root, 'python');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

function input(more: Partial<DbtParseInput> = {}): DbtParseInput {
  return {
    projectDirectory: root,
    targetDirectory: join(root, 'target'),
    partialParseFile: join(root, 'partial_parse.msgpack'),
    profiles: {
      shop: {
        target: 'dev',
        outputs: { dev: { type: 'postgres', host: 'db', password: "{{ env_var('PGPASSWORD') }}" } },
      },
    },
    profile: 'shop',
    target: 'dev',
    vars: {},
    installPackages: false,
    dataDirectory: '/data',
    ...more,
  };
}

interface Run {
  readonly script: string;
  readonly more?: Partial<DbtParseInput>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

async function run({ script, more, environment, timeoutMs = 20_000, signal }: Run): Promise<Outcome<void, FloeError>> {
  const python = await fakePython(script);
  return runDbtParse({ python, environment: { PATH: process.env.PATH, TMPDIR: root, ...environment } }, input(more), {
    signal: signal ?? new AbortController().signal,
    timeoutMs,
  });
}

describe('runDbtParse', () => {
  it('runs dbt with a private profile, which is gone afterwards', async () => {
    await writeFile(join(root, 'partial_parse.msgpack'), '');
    const outcome = await run({
      script: `printf '%s\\n' "$@" > arguments; env > environment; while [ "$1" != --profiles-dir ]; do shift; done; cat "$2/profiles.yml" > profiles; printf '%s' "$2" > folder`,
      more: { vars: { since: '2026-01-01' } },
    });
    expect(outcome.ok).toBe(true);
    const folder = await readFile(join(root, 'folder'), 'utf8');
    const given = (await readFile(join(root, 'arguments'), 'utf8')).trimEnd().split('\n').slice(2);
    expect(given).toEqual([
      '--no-use-colors',
      '--log-level-file',
      'none',
      'parse',
      '--profiles-dir',
      folder,
      '--profile',
      'shop',
      '--target',
      'dev',
      '--vars',
      '{"since":"2026-01-01"}',
      '--target-path',
      join(root, 'target'),
      '--partial-parse-file-path',
      join(root, 'partial_parse.msgpack'),
    ]);
    expect(await readFile(join(root, 'profiles'), 'utf8')).toContain('password: "{{ env_var(\'PGPASSWORD\') }}"');
    const environment = await readFile(join(root, 'environment'), 'utf8');
    expect(environment).toContain('DBT_SEND_ANONYMOUS_USAGE_STATS=false');
    expect(environment).toContain('FLOE_DATA_DIR=/data');
    expect(environment).toContain('PGPASSWORD=not-set-while-parsing');
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves a secret that is set as it is', async () => {
    await run({ script: 'env > environment', environment: { PGPASSWORD: 'real' } });
    expect(await readFile(join(root, 'environment'), 'utf8')).toContain('PGPASSWORD=real');
  });

  it('installs packages first', async () => {
    await run({ script: 'shift 5; echo "$1" >> steps', more: { installPackages: true } });
    expect(await readFile(join(root, 'steps'), 'utf8')).toBe('deps\nparse\n');
  });

  it('does not parse when the packages cannot be installed', async () => {
    const outcome = await run({
      script: 'shift 5; echo "$1" >> steps; echo "Runtime Error"; echo "  no network"; exit 2',
      more: { installPackages: true },
    });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: 'DBT_PARSE_FAILED', message: 'dbt deps failed: Runtime Error\n  no network' },
    });
    expect(await readFile(join(root, 'steps'), 'utf8')).toBe('deps\n');
  });

  it('gives the message of dbt', async () => {
    const outcome = await run({ script: 'echo "Encountered an error:"; echo "Compilation Error in model a"; exit 2' });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: 'DBT_PARSE_FAILED', message: 'dbt parse failed: Compilation Error in model a', exitCode: 2 },
    });
  });

  it('says when there is no such Python', async () => {
    const outcome = await runDbtParse({ python: join(root, 'nothing'), environment: {} }, input(), {
      signal: new AbortController().signal,
      timeoutMs: 1000,
    });
    expect(outcome).toMatchObject({ ok: false, failure: { code: 'DBT_PARSE_FAILED' } });
    expect(!outcome.ok && outcome.failure.message).toContain('was not found');
  });

  it('stops dbt at the deadline and on a signal, with everything it started', async () => {
    const script = 'sleep 300 & echo $! > child; wait';
    expect(await run({ script, timeoutMs: 1000 })).toMatchObject({ ok: false, failure: { code: 'DBT_PARSE_FAILED' } });
    const child = findProcess(Number(await readFile(join(root, 'child'), 'utf8')));
    // one that has ended but that nobody has waited for is still in the table
    expect(child?.ended ?? true).toBe(true);
    expect(await run({ script, signal: AbortSignal.timeout(500) })).toMatchObject({
      ok: false,
      failure: { code: 'CANCELLED', exitCode: 130 },
    });
    expect(await readdir(root)).not.toContainEqual(expect.stringContaining('floe-dbt-parse-'));
  });
});
