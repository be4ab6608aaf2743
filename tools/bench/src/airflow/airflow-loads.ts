import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-airflow';
import { z } from 'zod';
import { benchPython } from '../bench-python.js';
import type { Assignment, LoadContender, LoadMeasurement } from '../contender.js';
import { runChecked } from '../process/run-checked.js';
import { bundleOf, compileGenerated, openPlugin } from '../product/compile-product.js';
import { writeDagFile } from './dag-file.js';
import { cosmosLocal, countCosmosTasks } from './dag-file-ways.js';

const loadAnswer = z.looseObject({
  wall_seconds: z.number(),
  cpu_seconds: z.number(),
  peak_bytes: z.number(),
  tasks: z.array(z.string()),
  assets: z.number(),
});

type LoadAnswer = z.infer<typeof loadAnswer>;

/** Writes the DAG file of a parsed project. @returns the folder that Airflow reads */
type WriteDags = (assignment: Assignment, parsed: string, call: CallOptions) => Promise<string>;

/** Models, and the tests where Airflow shows them. */
type Count = (answer: LoadAnswer) => Pick<LoadMeasurement, 'assets' | 'checks'>;

/** DAG files that are read in a fresh Python. */
class DagLoad implements LoadContender {
  readonly name: string;
  readonly floor: boolean;
  readonly #python: string;
  readonly #write: WriteDags;
  readonly #count: Count;
  #folder: string | undefined;
  #home = '';

  constructor(name: string, python: string, write: WriteDags, count: Count, floor = false) {
    this.name = name;
    this.floor = floor;
    this.#python = python;
    this.#write = write;
    this.#count = count;
  }

  async prepare(assignment: Assignment, parsed: string, call: CallOptions): Promise<void> {
    this.#home = join(assignment.directory, 'home');
    await mkdir(this.#home);
    this.#folder = await this.#write(assignment, parsed, call);
  }

  async loadOnce(call: CallOptions): Promise<LoadMeasurement> {
    if (this.#folder === undefined) throw new TypeError(`${this.name} has not been prepared.`);
    const env = {
      AIRFLOW_HOME: this.#home,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__DAGS_FOLDER: this.#folder,
      AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT: '600',
    };
    const output = await runChecked(
      this.#python,
      [join(benchPython, 'load_dags.py'), this.#folder],
      this.#home,
      call,
      env,
    );
    // Libraries may print warnings before the answer.
    const answer = loadAnswer.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
    return {
      wallSeconds: answer.wall_seconds,
      cpuSeconds: answer.cpu_seconds,
      peakBytes: answer.peak_bytes,
      ...this.#count(answer),
    };
  }
}

/** The ways to make Airflow know a dbt project. */
export function airflowLoads(
  floePython: string,
  cosmos: { readonly python: string; readonly binDirectory: string },
): readonly LoadContender[] {
  const writeBundle = async ({ directory }: Assignment, parsed: string, call: CallOptions): Promise<string> => {
    const folder = join(directory, 'bundle');
    const plugin = openPlugin(orchestratorPlugin, { granularity: 'build' });
    await bundleOf(await compileGenerated(parsed, floePython, call), plugin, folder, call);
    return folder;
  };
  // Besides the models there is the asset of the product as a whole.
  const countOutlets: Count = ({ assets }) => ({ assets: assets - 1 });
  const writeByHand = async (assignment: Assignment, parsed: string, call: CallOptions): Promise<string> => {
    const bundle = await writeBundle(assignment, parsed, call);
    const folder = join(assignment.directory, 'handwritten');
    const file = 'handwritten_dag.py';
    await mkdir(folder);
    await copyFile(join(benchPython, file), join(folder, file));
    await copyFile(join(bundle, 'airflow.json'), join(folder, 'airflow.json'));
    return folder;
  };
  const writeCosmos = async ({ directory }: Assignment, parsed: string): Promise<string> => {
    const folder = join(directory, 'dag');
    await writeDagFile(folder, cosmosLocal, parsed, join(cosmos.binDirectory, 'dbt'));
    return folder;
  };
  const countTasks: Count = ({ tasks }) => {
    const { models, tests } = countCosmosTasks(tasks.map((task) => ({ task_id: task })));
    return { assets: models, checks: tests };
  };
  return [
    new DagLoad('written by hand', floePython, writeByHand, countOutlets, true),
    new DagLoad('floe on Airflow', floePython, writeBundle, countOutlets),
    new DagLoad('Cosmos', cosmos.python, writeCosmos, countTasks),
  ];
}
