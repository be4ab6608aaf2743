import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FloeError } from '../errors/floe-error.js';
import type { Definitions } from '../plugin-interfaces.js';
import { exampleArtifacts } from '../testing/example-artifacts.js';
import { assembleBundle, type AssembleInput } from './assemble-bundle.js';
import type { Bundle } from './bundle.js';
import { readBundleIndex } from './read-bundle.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'floe-bundle-'));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const definitions: Definitions = {
  assets: [],
  checks: [],
  jobs: [],
  schedules: [],
  sensors: [],
  edges: [],
  files: [{ path: 'definitions.py', content: 'x = 1\n' }],
  warnings: [],
};

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
}

const simpleProject = {
  'shop/dbt_project.yml': 'name: shop\nversion: 1.0.0\nprofile: shop\n',
  'shop/models/a.sql': 'select 1 as id',
  'shop/models/schema.yml': 'version: 2\n',
  'shop/seeds/z.csv': 'id\n1\n',
};

function input(changes: Partial<AssembleInput> = {}): AssembleInput {
  return {
    project: {
      artifacts: exampleArtifacts({ nodes: [{ unique_id: 'model.shop.a' }] }),
      dbtProjectDirectory: join(home, 'shop'),
      profiles: { shop: { target: 'dev', outputs: { dev: { type: 'duckdb', password: "{{ env_var('SECRET') }}" } } } },
    },
    definitions,
    orchestrator: 'example',
    directory: join(home, 'out', 'bundle'),
    ...changes,
  };
}

function assemble(changes: Partial<AssembleInput> = {}, signal = new AbortController().signal): Promise<Bundle> {
  return assembleBundle(input(changes), { signal, timeoutMs: 60_000 });
}

async function filesOf(directory: string): Promise<string[]> {
  return Object.keys((await readBundleIndex(directory)).files);
}

async function failureOf(work: Promise<unknown>): Promise<FloeError> {
  try {
    await work;
  } catch (error) {
    if (FloeError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('assembleBundle', () => {
  it('writes the project, the profiles, the pipeline and the files of the plugin', async () => {
    await write(simpleProject);
    const bundle = await assemble({ extraFiles: [{ path: 'requirements.txt', content: 'dbt-core\n' }] });
    expect(await filesOf(bundle.directory)).toEqual([
      'dbt/dbt_project.yml',
      'dbt/models/a.sql',
      'dbt/models/schema.yml',
      'dbt/seeds/z.csv',
      'definitions.py',
      'pipeline.json',
      'profiles/profiles.yml',
      'requirements.txt',
    ]);
    expect(bundle).toMatchObject({ product: 'shop', orchestrator: 'example' });
    expect((await readBundleIndex(bundle.directory)).bundle_hash).toBe(bundle.hash);
    expect(JSON.parse(await readFile(join(bundle.directory, 'pipeline.json'), 'utf8'))).toMatchObject({
      schema: 1,
      dbt: { project_dir: 'dbt', profiles_dir: 'profiles', profile: 'shop' },
      nodes: [{ id: 'model.shop.a', relation: ['db', 'main', 'a'] }],
      seeds_first: [],
    });
    expect(await readFile(join(bundle.directory, 'profiles', 'profiles.yml'), 'utf8')).toBe(
      `shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      password: "{{ env_var('SECRET') }}"\n`,
    );
    expect(await readdir(join(home, 'out'))).toEqual(['bundle']);
  });

  it('gives the same hash twice, wherever it is, and another one after a change of one file', async () => {
    await write(simpleProject);
    const first = await assemble();
    const again = await assemble();
    await rename(join(home, 'shop'), join(home, 'elsewhere'));
    const { project } = input();
    const moved = await assemble({
      directory: join(home, 'other'),
      project: { ...project, dbtProjectDirectory: join(home, 'elsewhere') },
    });
    expect([again.hash, moved.hash]).toEqual([first.hash, first.hash]);
    await write({ 'elsewhere/models/a.sql': 'select 2 as id' });
    const changed = await assemble({ project: { ...project, dbtProjectDirectory: join(home, 'elsewhere') } });
    expect(changed.hash).not.toBe(first.hash);
  });

  it('takes only what dbt reads, even when the project declares its own folder', async () => {
    await write({
      ...simpleProject,
      'shop/dbt_project.yml': 'name: shop\nmodel-paths: ["."]\ntarget-path: out/target\n',
      'shop/profiles.yml': 'secret',
      'shop/models/profiles.yml': 'secret',
      'shop/.env': 'secret',
      'shop/models/.env.sql': 'secret',
      'shop/.git/config.sql': 'secret',
      'shop/target/compiled/a.sql': 'secret',
      'shop/out/target/b.sql': 'secret',
      'shop/logs/c.sql': 'secret',
      'shop/models/key.pem': 'secret',
      'shop/warehouse.duckdb': 'secret',
      'shop/.dbtignore': '*.tmp\n',
      'shop/selectors.yml': 'selectors: []\n',
    });
    const bundle = await assemble();
    expect((await filesOf(bundle.directory)).filter((path) => path.startsWith('dbt/'))).toEqual([
      'dbt/.dbtignore',
      'dbt/dbt_project.yml',
      'dbt/models/a.sql',
      'dbt/models/schema.yml',
      'dbt/seeds/z.csv',
      'dbt/selectors.yml',
    ]);
    for (const path of await filesOf(bundle.directory)) {
      expect(await readFile(join(bundle.directory, path), 'utf8')).not.toContain('secret\n');
    }
  });

  it('keeps the layout of folders outside of the project', async () => {
    await write({
      'demo/shop/dbt_project.yml': 'name: shop\nmacro-paths: ["macros", "../macros"]\n',
      'demo/shop/models/a.sql': 'select 1',
      'demo/macros/m.sql': '{% macro m() %}{% endmacro %}',
      'demo/other/models/b.sql': 'select 2',
    });
    const { project } = input();
    const bundle = await assemble({ project: { ...project, dbtProjectDirectory: join(home, 'demo/shop') } });
    expect((await filesOf(bundle.directory)).filter((path) => path.startsWith('dbt/'))).toEqual([
      'dbt/macros/m.sql',
      'dbt/shop/dbt_project.yml',
      'dbt/shop/models/a.sql',
    ]);
    expect(JSON.parse(await readFile(join(bundle.directory, 'pipeline.json'), 'utf8'))).toMatchObject({
      dbt: { project_dir: 'dbt/shop' },
    });
  });

  it('takes installed packages by their own declarations, also when they are links', async () => {
    await write({
      ...simpleProject,
      'shop/packages.yml': 'packages:\n  - package: a/b\n    version: 1.0.0\n  - local: ../shared\n',
      'shop/package-lock.yml': 'packages: []\n',
      'shop/dbt_packages/b/dbt_project.yml': 'name: b\nmacro-paths: ["m"]\n',
      'shop/dbt_packages/b/m/x.sql': '-- x',
      'shop/dbt_packages/b/integration_tests/models/y.sql': '-- y',
      'shop/dbt_packages/b/.env': 'secret',
      'shared/dbt_project.yml': 'name: shared\n',
      'shared/macros/s.sql': '-- s',
      'shared/secret.sql': 'secret',
    });
    await symlink(join(home, 'shared'), join(home, 'shop/dbt_packages/shared'));
    const bundle = await assemble();
    expect((await filesOf(bundle.directory)).filter((path) => path.includes('pack'))).toEqual([
      'dbt/dbt_packages/b/dbt_project.yml',
      'dbt/dbt_packages/b/m/x.sql',
      'dbt/dbt_packages/shared/dbt_project.yml',
      'dbt/dbt_packages/shared/macros/s.sql',
      'dbt/package-lock.yml',
      'dbt/packages.yml',
    ]);
  });

  it('copies what a link inside the project leads to', async () => {
    await write({ ...simpleProject, 'shop/models/deep/b.sql': 'select 3' });
    await symlink('deep/b.sql', join(home, 'shop/models/c.sql'));
    const bundle = await assemble();
    expect(await readFile(join(bundle.directory, 'dbt/models/c.sql'), 'utf8')).toBe('select 3');
  });

  it.each([
    ['a link out of the project', async () => symlink('/etc/passwd', join(home, 'shop/models/p.sql')), 'INVALID_VALUE'],
    ['a link to a secret inside', async () => symlink('../.env', join(home, 'shop/models/p.sql')), 'INVALID_VALUE'],
    ['a folder that is a link outside', async () => symlink('/etc', join(home, 'shop/macros')), 'INVALID_VALUE'],
    ['a dangling link', async () => symlink('gone.sql', join(home, 'shop/models/p.sql')), 'FILE_NOT_FOUND'],
    [
      'a pipe',
      async () => Promise.resolve(execFileSync('mkfifo', [join(home, 'shop/models/p.sql')])),
      'FILE_UNREADABLE',
    ],
    ['an absolute path', async () => write({ 'shop/dbt_project.yml': 'model-paths: ["/etc"]' }), 'INVALID_VALUE'],
    [
      'a path around the project',
      async () => write({ 'shop/dbt_project.yml': 'model-paths: [".."]' }),
      'INVALID_VALUE',
    ],
    ['broken YAML', async () => write({ 'shop/dbt_project.yml': 'model-paths: ["' }), 'INVALID_VALUE'],
    ['no dbt project', async () => rm(join(home, 'shop/dbt_project.yml')), 'FILE_NOT_FOUND'],
    [
      'a token in the URL of a package',
      async () => write({ 'shop/packages.yml': 'packages:\n  - git: https://ghp_x1y2z3@host.example/a.git\n' }),
      'SECRET_IN_PLAIN_TEXT',
    ],
  ])('refuses %s and writes nothing', async (_, spoil, code) => {
    await write({ ...simpleProject, 'shop/.env': 'PASSWORD=hunter2' });
    await spoil();
    const error = await failureOf(assemble());
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('ghp_x1y2z3');
    expect(await readdir(home)).not.toContain('out');
  });

  it('leaves the old bundle as it was when a file cannot be read', async () => {
    await write(simpleProject);
    const before = await assemble();
    await chmod(join(home, 'shop/models/a.sql'), 0o000);
    await symlink('gone.csv', join(home, 'shop/seeds/y.csv'));
    await failureOf(assemble());
    expect(await readdir(join(home, 'out'))).toEqual(['bundle']);
    expect((await readBundleIndex(before.directory)).bundle_hash).toBe(before.hash);
  });

  it('leaves nothing when it is cancelled', async () => {
    await write(simpleProject);
    const controller = new AbortController();
    controller.abort();
    expect((await failureOf(assemble({}, controller.signal))).code).toBe('CANCELLED');
    expect(await readdir(home)).toEqual(['shop']);
  });

  it('never replaces a folder that is no bundle', async () => {
    await write({ ...simpleProject, 'out/bundle/thesis.tex': 'years of work' });
    expect((await failureOf(assemble())).code).toBe('INVALID_VALUE');
    expect(await readFile(join(home, 'out/bundle/thesis.tex'), 'utf8')).toBe('years of work');
  });

  it.each(['../x', '/x', 'bundle.json', 'dbt/models/a.sql', 'dbt', 'profiles/x', 'a//b'])(
    'refuses the file %s of a plugin',
    async (path) => {
      await write(simpleProject);
      const error = await failureOf(assemble({ extraFiles: [{ path, content: '' }] }));
      expect(error.code).toBe('INTERNAL');
      expect(await readdir(home)).toEqual(['shop']);
    },
  );
});
