import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import { benchPython } from '../bench-python.js';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { writeParsedProject } from '../project/parsed-project.js';
import type { DagsterServer } from './dagster-server.js';
import { countResults, momentsOf, phasesOf } from './run-timeline.js';

/** Executor of the runs: Dagster's default starts a Python for the step, the other one does not. */
export type Executor = 'in_process' | 'default';

/** dagster-dbt, in an environment of its own, with the same versions of Dagster and dbt. */
export class DagsterDbt implements Contender {
  readonly name: string;
  readonly #server: DagsterServer;
  readonly #python: { readonly binDirectory: string; readonly python: string };
  readonly #executor: Executor;
  readonly #units: MachineUnits;
  #acquired = false;

  constructor(
    server: DagsterServer,
    python: { readonly binDirectory: string; readonly python: string },
    executor: Executor,
    units: MachineUnits,
  ) {
    this.name = `dagster-dbt, ${executor.replace('_', '-')} executor`;
    this.#server = server;
    this.#python = python;
    this.#executor = executor;
    this.#units = units;
  }

  async prepare(assignment: Assignment, call: CallOptions): Promise<void> {
    const { directory } = assignment;
    const projectDirectory = await writeParsedProject(assignment, join(this.#python.binDirectory, 'dbt'), call);
    const file = await writeDagsterDbtLocation(directory, projectDirectory, this.#executor);
    this.#acquired = true;
    await this.#server.platform.acquire(call);
    await this.#server.addLocation({ name: this.#location, file, python: this.#python.python }, call);
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    const meter = new UsageMeter(await this.#server.platform.rootProcess(), 'tree', this.#units);
    const launched = Date.now();
    const { usage, value } = await metered(meter, () => this.#server.run(this.#location, 'bench_build', call));
    const seen = Date.now();
    const { runId, status } = value;
    if (status.status !== 'SUCCESS') throw new TypeError(`The run of ${this.name} ended with ${status.status}.`);
    const events = await this.#server.events(runId, call);
    return {
      ...usage,
      ...countResults(events),
      startedSeconds: (status.endTime ?? 0) - (status.startTime ?? 0),
      phases: phasesOf(momentsOf(events, launched, seen)),
    };
  }

  async dispose(): Promise<void> {
    if (this.#acquired) await this.#server.platform.release();
  }

  get #location(): string {
    return `dagster_dbt_${this.#executor}`;
  }
}

/** Writes the code location of dagster-dbt for a parsed project. @returns its file */
export async function writeDagsterDbtLocation(
  directory: string,
  projectDirectory: string,
  executor: Executor,
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'dagster_dbt_location.py');
  await copyFile(join(benchPython, 'dagster_dbt_location.py'), file);
  await writeFile(join(directory, 'bench.json'), JSON.stringify({ project_dir: projectDirectory, executor }));
  return file;
}
