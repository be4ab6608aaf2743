import { cp, mkdtemp, rm } from 'node:fs/promises';
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
import { buildDefinitions, type Appearance } from '../../src/airflow-definitions.js';
import { ensureDagsFolder } from '../../src/airflow-dags-folder.js';
import { loaderFiles } from '../../src/airflow-loader.js';
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
      const args = [join(support, 'import_dags.py'), join(folder, 'dags', granularity)];
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
