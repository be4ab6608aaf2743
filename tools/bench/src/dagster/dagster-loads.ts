import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-dagster';
import { z } from 'zod';
import { benchPython } from '../bench-python.js';
import type { Assignment, LoadContender, LoadMeasurement } from '../contender.js';
import { runChecked } from '../process/run-checked.js';
import { bundleOf, compileGenerated, openPlugin } from '../product/compile-product.js';
import { writeDagsterDbtLocation } from './dagster-dbt.js';

const loadAnswer = z
  .object({
    wall_seconds: z.number(),
    cpu_seconds: z.number(),
    peak_bytes: z.number(),
    assets: z.number(),
    checks: z.number(),
  })
  .transform(({ wall_seconds: wallSeconds, cpu_seconds: cpuSeconds, peak_bytes: peakBytes, assets, checks }) => ({
    wallSeconds,
    cpuSeconds,
    peakBytes,
    assets,
    checks,
  }));

/** Writes a code location for a parsed project. @returns its folder and file */
type WriteLocation = (
  assignment: Assignment,
  parsed: string,
  call: CallOptions,
) => Promise<{ readonly folder: string; readonly file: string }>;

/** A code location that is loaded in a fresh Python. */
class LocationLoad implements LoadContender {
  readonly name: string;
  readonly floor: boolean;
  readonly #python: string;
  readonly #write: WriteLocation;
  #location: { readonly folder: string; readonly file: string } | undefined;

  constructor(name: string, python: string, write: WriteLocation, floor = false) {
    this.name = name;
    this.floor = floor;
    this.#python = python;
    this.#write = write;
  }

  async prepare(assignment: Assignment, parsed: string, call: CallOptions): Promise<void> {
    this.#location = await this.#write(assignment, parsed, call);
  }

  async loadOnce(call: CallOptions): Promise<LoadMeasurement> {
    if (this.#location === undefined) throw new TypeError(`${this.name} has not been prepared.`);
    const { folder, file } = this.#location;
    const output = await runChecked(this.#python, [join(benchPython, 'load_location.py'), folder, file], folder, call);
    // Libraries may print warnings before the answer.
    return loadAnswer.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
  }
}

/** The ways to make Dagster know a dbt project. */
export function dagsterLoads(floePython: string, dagsterDbtPython: string): readonly LoadContender[] {
  const writeBundle = async ({ directory }: Assignment, parsed: string, call: CallOptions): Promise<string> => {
    const folder = join(directory, 'bundle');
    const plugin = openPlugin(orchestratorPlugin, {});
    await bundleOf(await compileGenerated(parsed, floePython, call), plugin, folder, call);
    return folder;
  };
  return [
    new LocationLoad(
      'written by hand',
      floePython,
      async (assignment, parsed, call) => {
        const bundle = await writeBundle(assignment, parsed, call);
        const folder = join(assignment.directory, 'handwritten');
        const file = 'handwritten_location.py';
        await mkdir(folder);
        await copyFile(join(benchPython, file), join(folder, file));
        await copyFile(join(bundle, 'dagster.json'), join(folder, 'dagster.json'));
        return { folder, file };
      },
      true,
    ),
    new LocationLoad('floe on Dagster', floePython, async (assignment, parsed, call) => ({
      folder: await writeBundle(assignment, parsed, call),
      file: 'definitions.py',
    })),
    new LocationLoad('dagster-dbt', dagsterDbtPython, async ({ directory }, parsed) => {
      await writeDagsterDbtLocation(directory, parsed, 'in_process');
      return { folder: directory, file: 'dagster_dbt_location.py' };
    }),
  ];
}
