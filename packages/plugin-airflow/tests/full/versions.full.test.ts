import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { assembleBundle } from '@floe/core/bundle/assemble-bundle';
import { publishBundle } from '@floe/core/bundle/publish-directory';
import { compileProject } from '@floe/core/compile/compile-project';
import { runDbtParse } from '@floe/core/dbt/dbt-parse';
import { runCommand } from '@floe/core/process/child-process';
import { ensurePythonEnvironment } from '@floe/core/python/python-environment';
import { systemClock } from '@floe/core/time/clock';
import { runtimeWheels } from '@floe/runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkBundle } from '../../src/airflow-bundle-check.js';
import { buildDefinitions, type Appearance } from '../../src/airflow-definitions.js';
import { ensureDagsFolder } from '../../src/airflow-dags-folder.js';
import { loaderFiles, pythonDirectory } from '../../src/airflow-loader.js';
import { pythonEnvironment } from '../../src/airflow-python-environment.js';
import { repositoryRoot, within } from '@floe/test-products/repository';

const support = resolve(import.meta.dirname, '../support/versions');
const home = join(repositoryRoot, '.floe');

const answer = z.object({
  version: z.string(),
  errors: z.record(z.string(), z.string()),
  dags: z.record(z.string(), z.array(z.string())),
});

let folder: string;
let assets: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floe-airflow-versions-'));
  const isSource = (path: string): boolean => !/\/(target|logs|dbt_packages|\.floe)(\/|$)/u.test(path);
  await cp(join(repositoryRoot, 'examples', 'shop'), join(folder, 'shop'), { recursive: true, filter: isSource });
  const { python } = await environmentOf(pythonEnvironment('duckdb'));
  const project = await compileProject(
    {
      directory: join(folder, 'shop'),
      environment: {},
      clock: systemClock,
      parseDbt: (input, call) =>
        runDbtParse({ python, environment: { PATH: process.env.PATH, HOME: process.env.HOME } }, input, call),
      dataDirectory: join(folder, 'data'),
    },
    within(120),
  );
  assets = project.pipeline.assets.map(({ id }) => id);
  const appearances: Record<string, Appearance> = {
    build: { granularity: 'build' },
    node: { granularity: 'node', statusUrl: `file://${folder}/status` },
  };
  for (const [name, appearance] of Object.entries(appearances)) {
    const definitions = buildDefinitions(project.pipeline, loaderFiles(), appearance);
    const directory = join(folder, 'bundles', name);
    const bundle = await assembleBundle({ project, definitions, orchestrator: 'airflow', directory }, within(60));
    await ensureDagsFolder(join(folder, 'dags', name));
    await publishBundle(bundle, join(folder, 'dags', name), within(60));
  }
}, 700_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function environmentOf(spec: ReturnType<typeof pythonEnvironment>): Promise<{ readonly python: string }> {
  return ensurePythonEnvironment(spec, { home, log: () => undefined, clock: systemClock }, within(600));
}

/** The locked environment of a release: the newest is the plugin's own. */
function specOf(version: string): ReturnType<typeof pythonEnvironment> {
  if (version === '3.3') return pythonEnvironment('duckdb');
  const wheels = runtimeWheels().filter((path) => path.includes('floe_runtime'));
  return { name: `airflow-${version}`, lockFile: join(support, `airflow-${version}.txt`), wheels };
}

describe.each(['3.0', '3.1', '3.2', '3.3'])('Airflow %s', (version) => {
  it.each(['build', 'node'])(
    'reads and serializes the DAGs of shop with granularity %s',
    async (granularity) => {
      const { python } = await environmentOf(specOf(version));
      const env = {
        PATH: `${dirname(python)}:${process.env.PATH ?? ''}`,
        AIRFLOW_HOME: join(folder, `home-${version}`),
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        AIRFLOW__CORE__DAGS_FOLDER: join(folder, 'dags', granularity),
      };
      const args = [join(pythonDirectory, 'local', 'read_dags.py'), join(folder, 'dags', granularity)];
      const command = { command: python, args, cwd: folder, env };
      const outcome = await runCommand(command, { ...within(120), maxOutputBytes: 1_000_000 });
      if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw new TypeError(JSON.stringify(outcome));
      const { dags, errors, version: found } = answer.parse(JSON.parse(outcome.stdout));
      expect(found.startsWith(`${version}.`)).toBe(true);
      expect(errors).toEqual({});
      expect(dags).toEqual({
        floe_sentinel: [],
        shop: ['build', 'verdict', ...(granularity === 'node' ? assets : [])].sort(),
        'shop.schedule.hourly_sales': ['fire'],
        'shop.schedule.nightly_all': ['fire'],
        'shop.sensor.after_hello_orders': ['fire'],
      });
    },
    700_000,
  );
});

describe('a bundle that Airflow does not take', () => {
  it.each([
    ['an error of syntax', 'floe_airflow/product_dags.py', (text: string) => `${text}\n)`, /SyntaxError|unmatched/u],
    ['a missing module', 'floe_airflow/trigger_dags.py', () => undefined, /trigger_dags/u],
    ['a name that is not there', 'floe_dag.py', (text: string) => `${text}\nproduct_dag`, /product_dag.*floe_dag\.py/u],
    ['no product', 'airflow.json', () => undefined, /airflow\.json/u],
    [
      'a product cut off',
      'airflow.json',
      (text: string) => text.slice(0, 200),
      /JSONDecodeError|Unterminated|Expecting/u,
    ],
    [
      'a product of another floe',
      'airflow.json',
      (text: string) => text.replace('"schema":1', '"schema":2'),
      /schema 2/u,
    ],
    [
      'an unknown zone',
      'airflow.json',
      (text: string) => text.replaceAll('Europe/Berlin', 'Europe/Atlantis'),
      /Atlantis/u,
    ],
    ['a broken cron', 'airflow.json', (text: string) => text.replace(/"cron":"[^"]*"/u, '"cron":"61 * * * *"'), /61/u],
    [
      'a key of an asset missing',
      'airflow.json',
      (text: string) => text.replace('"uri":', '"url":'),
      /argument 'url'/u,
    ],
    ['no hash', 'bundle.json', () => undefined, /bundle\.json/u],
    ['no loader', 'floe_dag.py', () => undefined, /no DAG shop/u],
  ] as const)(
    'is refused before it is delivered: %s',
    async (_name, file, change, message) => {
      const directory = join(folder, 'broken');
      await cp(join(folder, 'bundles', 'build'), directory, { recursive: true });
      try {
        const path = join(directory, file);
        const text = change(await readFile(path, 'utf8'));
        if (text === undefined) await rm(path);
        else await writeFile(path, text);
        const { python } = await environmentOf(specOf('3.3'));
        const check = await checkBundle(directory, python, ['shop', 'shop.schedule.hourly_sales'], within(120));
        expect(check).toMatchObject({ kind: 'refused', fault: { code: 'DEPLOYMENT_NOT_LOADED' } });
        expect(check.kind === 'refused' && check.fault.message).toMatch(message);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    700_000,
  );

  it('is told from one that it takes', async () => {
    const { python } = await environmentOf(specOf('3.3'));
    const dagIds = ['shop', 'shop.schedule.hourly_sales', 'shop.sensor.after_hello_orders'];
    const check = await checkBundle(join(folder, 'bundles', 'build'), python, dagIds, within(120));
    expect(check).toMatchObject({ kind: 'passed' });
  }, 700_000);
});
