import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DbtParseInput } from '../dbt/dbt-parse-input.js';
import { FloeError } from '../errors/floe-error.js';
import { formatLocation } from '../errors/problem.js';
import { failure, success } from '../outcome/outcome.js';
import { systemClock } from '../time/clock.js';
import { compileProject, type CompiledProject, type CompileProjectOptions } from './compile-project.js';

const dbtManifestText = await readFile(new URL('__fixtures__/bakery-manifest.json', import.meta.url), 'utf8');
const specText = `apiVersion: floe.dev/v1
kind: FloeSpec
metadata: {name: bakery, version: 1.0.0}
platform: {manifest: platform/dev.yaml}
`;
const manifestText = `apiVersion: floe.dev/v1
kind: Manifest
metadata: {name: acme, version: 1.0.0, owner: platform}
plugins:
  orchestrator: {type: dagster}
  compute: {type: duckdb}
`;
const dbtProjectText = 'name: bakery\nprofile: bakery\nmacro-paths: [macros, ../shared_macros]\n';
const call = { signal: new AbortController().signal, timeoutMs: 60_000 };

let root: string;
let project: string;
let parses: DbtParseInput[];

/** Writes a file that was last changed `age` seconds ago. */
async function write(path: string, text: string, age = 100): Promise<void> {
  const file = join(project, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await setAge(path, age);
}

async function setAge(path: string, age: number): Promise<void> {
  const time = Date.now() / 1000 - age;
  await utimes(join(project, path), time, time);
}

async function ageFolders(): Promise<void> {
  for (const folder of ['models/marts', 'models', 'seeds', 'snapshots', 'tests', '../shared_macros'])
    await setAge(folder, 100);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-compile-'));
  project = join(root, 'bakery');
  parses = [];
  await write('floe.yaml', specText);
  await write('platform/dev.yaml', manifestText);
  await write('dbt_project.yml', dbtProjectText);
  await write('../shared_macros/round.sql', '');
  const { nodes } = JSON.parse(dbtManifestText) as {
    nodes: Record<string, { original_file_path: string; package_name: string }>;
  };
  for (const node of Object.values(nodes)) if (node.package_name === 'bakery') await write(node.original_file_path, '');
  await ageFolders();
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function run(options: Partial<CompileProjectOptions> = {}): Promise<CompiledProject> {
  return compileProject(
    {
      directory: project,
      environment: {},
      clock: systemClock,
      parseDbt: async (input) => {
        parses.push(input);
        await mkdir(input.targetDirectory, { recursive: true });
        await writeFile(join(input.targetDirectory, 'manifest.json'), dbtManifestText);
        return success(undefined);
      },
      ...options,
    },
    call,
  );
}

async function failureOf(options: Partial<CompileProjectOptions> = {}): Promise<FloeError> {
  try {
    await run(options);
  } catch (error) {
    if (FloeError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('it was compiled');
}

describe('compileProject', () => {
  it('parses a project without a dbt manifest, and not again when nothing changed', async () => {
    const first = await run();
    expect(first.artifacts.orchestration?.nodes).toHaveLength(9);
    expect(first.pipeline.assets).toHaveLength(8);
    expect(first).toMatchObject({
      problems: [],
      projectDirectory: project,
      dbtProjectDirectory: project,
      specFile: join(project, 'floe.yaml'),
      manifestFile: join(project, 'platform/dev.yaml'),
      dbtManifestFile: join(project, 'target/manifest.json'),
    });
    expect(parses).toEqual([
      {
        projectDirectory: project,
        targetDirectory: expect.stringContaining(join(project, 'target', 'floe-parse-')),
        partialParseFile: join(project, 'target', 'partial_parse.msgpack'),
        profiles: first.profiles,
        profile: 'bakery',
        target: 'dev',
        vars: {},
        installPackages: false,
        dataDirectory: project,
      },
    ]);
    expect((await readdir(join(project, 'target'))).sort()).toEqual(['floe-parse.json', 'manifest.json']);
    await run();
    expect(parses).toHaveLength(1);
  });

  it('writes the time of SOURCE_DATE_EPOCH', async () => {
    const { artifacts } = await run({ environment: { SOURCE_DATE_EPOCH: '1767225600' } });
    expect(artifacts.metadata.compiled_at).toBe('2026-01-01T00:00:00Z');
    expect((await failureOf({ environment: { SOURCE_DATE_EPOCH: 'now' } })).code).toBe('INVALID_VALUE');
  });

  it('works with a manifest made by somebody else that fits the profile', async () => {
    await write('target/manifest.json', dbtManifestText, 50);
    await run();
    expect(parses).toHaveLength(0);
  });

  it.each([
    ['a model', 'models/stg_sales.sql'],
    ['dbt_project.yml', 'dbt_project.yml'],
    ['a macro outside of the project', '../shared_macros/round.sql'],
    ['a folder (something was deleted)', 'models/marts'],
  ])('parses again when %s is newer', async (_name, path) => {
    await write('target/manifest.json', dbtManifestText, 50);
    await setAge(path, 10);
    await run();
    expect(parses).toHaveLength(1);
  });

  it('parses again when the platform changes', async () => {
    await run();
    await write('platform/dev.yaml', `${manifestText}environment: prod\n`);
    await run();
    expect(parses.map((input) => input.target)).toEqual(['dev', 'prod']);
  });

  it('parses again when the manifest shows another database', async () => {
    await write('target/manifest.json', dbtManifestText, 50);
    await write(
      'platform/dev.yaml',
      manifestText.replace('{type: duckdb}', '{type: duckdb, config: {path: other.duckdb}}'),
    );
    const before = parses.length;
    await run();
    expect(parses).toHaveLength(before + 1);
  });

  it('installs packages when they are declared and not installed', async () => {
    await write('packages.yml', 'packages: []\n');
    await run();
    expect(parses[0]?.installPackages).toBe(true);
    await write('dbt_packages/a/dbt_project.yml', '', 50);
    await setAge('dbt_packages', 50);
    await run({ parse: 'always' });
    expect(parses[1]?.installPackages).toBe(false);
  });

  it('gives the variables of both files to dbt', async () => {
    await write('floe.yaml', `${specText}dbt: {vars: {since: '2026-01-01', full: false}}\n`);
    await write('platform/dev.yaml', `${manifestText}dbt: {target: live, vars: {full: true}}\n`);
    const { artifacts } = await run();
    expect(parses[0]).toMatchObject({ target: 'live', vars: { since: '2026-01-01', full: true } });
    expect(artifacts.orchestration?.dbt.vars).toEqual({ since: '2026-01-01', full: true });
  });

  it('takes the dbt project from another folder and the manifest from an option', async () => {
    await rm(join(project, 'platform'), { recursive: true });
    await write('../product/floe.yaml', `${specText}dbt: {project_dir: ../bakery}\n`);
    await write('../prod.yaml', manifestText);
    const compiled = await run({ directory: join(root, 'product'), manifest: join(root, 'prod.yaml') });
    expect(compiled.dbtProjectDirectory).toBe(project);
    expect(compiled.manifestFile).toBe(join(root, 'prod.yaml'));
  });

  it('shows where a trigger is wrong', async () => {
    await write(
      'floe.yaml',
      `${specText}schedules:\n  - {name: nightly, cron: '61 * * * *'}\n  - {name: far, cron: '0 1 * * *', timezone: Mars/Base}\n`,
    );
    const error = await failureOf();
    expect(error.problems.map((problem) => [problem.code, formatLocation(problem.location ?? {})])).toEqual([
      ['CRON_INVALID', `${join(project, 'floe.yaml')}:6:27 (schedules[0].cron)`],
      ['TIME_ZONE_INVALID', `${join(project, 'floe.yaml')}:7:46 (schedules[1].timezone)`],
    ]);
    await write('floe.yaml', `${specText}schedule: {cron: often}\n`);
    expect((await failureOf()).problems[0]?.location).toMatchObject({ line: 5, column: 18, node: 'schedule.cron' });
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    ['a missing floe.yaml', () => rm(join(project, 'floe.yaml')), 'FILE_NOT_FOUND', '--project'],
    ['a missing dbt project', () => rm(join(project, 'dbt_project.yml')), 'FILE_NOT_FOUND', 'dbt.project_dir'],
    ['a missing platform manifest', () => rm(join(project, 'platform/dev.yaml')), 'FILE_NOT_FOUND', '--manifest'],
    [
      'no platform',
      () => write('floe.yaml', specText.replace(/platform.*\n/u, '')),
      'MISSING_VALUE',
      '--manifest FILE',
    ],
    [
      'a platform in a registry',
      () => write('floe.yaml', specText.replace('platform/dev.yaml', 'oci://example.com/a')),
      'INVALID_VALUE',
      '--manifest FILE',
    ],
    ['broken YAML', () => write('floe.yaml', `${specText}a: [\n`), 'YAML_SYNTAX', 'brackets'],
    ['a dbt project without a name', () => write('dbt_project.yml', 'profile: a\n'), 'MISSING_VALUE', 'name'],
    [
      'a dbt manifest of another project',
      () =>
        write(
          'target/manifest.json',
          dbtManifestText.replace('"project_name": "bakery"', '"project_name": "brewery"'),
          50,
        ),
      'DBT_MANIFEST_MISMATCH',
      'dbt parse',
    ],
    [
      'a dbt manifest that is cut off',
      () => write('target/manifest.json', dbtManifestText.slice(0, 500), 50),
      'DBT_MANIFEST_INVALID',
      'dbt parse',
    ],
    [
      'a dbt manifest with files that are not there',
      async () => {
        await write('target/manifest.json', dbtManifestText, 50);
        await rm(join(project, 'models/stg_sales.sql'));
        await ageFolders();
      },
      'DBT_MANIFEST_MISMATCH',
      'dbt parse',
    ],
  ])('refuses %s and writes nothing', async (_name, prepare, code, resolution) => {
    await prepare();
    const before = await readdir(root, { recursive: true });
    const error = await failureOf();
    expect(error.code).toBe(code);
    expect(error.resolution).toContain(resolution);
    expect(error.exitCode).toBe(2);
    expect(parses).toEqual([]);
    expect(await readdir(root, { recursive: true })).toEqual(before);
  });

  it('offers the manifest beside floe.yaml', async () => {
    await write('floe.yaml', specText.replace(/platform.*\n/u, ''));
    await write('manifest.yaml', manifestText);
    expect((await failureOf()).resolution).toContain('there is one beside it');
  });

  it('passes on what dbt says', async () => {
    const error = new FloeError({ code: 'DBT_PARSE_FAILED', message: 'dbt parse failed: x', resolution: 'y' });
    const before = await readdir(root, { recursive: true });
    expect(await failureOf({ parseDbt: () => Promise.resolve(failure(error)) })).toBe(error);
    expect(await readdir(root, { recursive: true })).toEqual(before);
  });

  it('notices that dbt wrote nothing', async () => {
    const error = await failureOf({ parseDbt: () => Promise.resolve(success(undefined)) });
    expect(error).toMatchObject({ code: 'DBT_PARSE_FAILED', exitCode: 2 });
  });

  it('says when the results of dbt cannot be written', async () => {
    await write('target', 'a file, not a folder');
    expect((await failureOf()).code).toBe('FILE_UNREADABLE');
  });

  it('refuses what it would have to parse when parsing is not allowed', async () => {
    expect((await failureOf({ parse: 'never' })).code).toBe('FILE_NOT_FOUND');
    await write('target/manifest.json', dbtManifestText, 50);
    await write(
      'platform/dev.yaml',
      manifestText.replace('{type: duckdb}', '{type: duckdb, config: {path: other.duckdb}}'),
    );
    expect((await failureOf({ parse: 'never' })).message).toContain('another target');
  });

  it('reports both files at once', async () => {
    await write('floe.yaml', `${specText}colour: red\n`);
    await write('platform/dev.yaml', `${manifestText}environment: moon\n`);
    const error = await failureOf({ manifest: join(project, 'platform/dev.yaml') });
    expect(error.problems.map((problem) => problem.code)).toEqual(['UNKNOWN_KEY', 'INVALID_VALUE']);
  });
});
