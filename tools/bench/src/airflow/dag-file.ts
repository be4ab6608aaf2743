import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import { benchPython } from '../bench-python.js';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { projectName } from '../project/generate-project.js';
import { writeParsedProject } from '../project/parsed-project.js';
import { secondsBetween } from '../report/phases.js';
import type { AirflowServer, TaskInstance } from './airflow-server.js';
import { runPhases } from './run-timeline.js';

/** A way to run the project by a DAG file of the bench. */
export interface DagFileWay {
  readonly name: string;
  readonly dagId: string;
  /** A file of the bench's Python folder; it reads bench.json beside it. */
  readonly file: string;
  /** What bench.json says besides. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly atMostModels?: number;
  readonly atMostRounds?: number;
  /** What of the project a run has made, all of whose tasks ended well. */
  readonly count: (
    tasks: readonly TaskInstance[],
    resultsFile: string,
  ) => Promise<{ readonly models: number; readonly tests: number }>;
}

/** The project by a DAG file that people write, without floe. */
export class DagFile implements Contender {
  readonly name: string;
  readonly atMostModels?: number;
  readonly atMostRounds?: number;
  readonly #server: AirflowServer;
  readonly #binDirectory: string;
  readonly #way: DagFileWay;
  readonly #units: MachineUnits;
  #acquired = false;
  #resultsFile = '';

  /** @param binDirectory environment of the server, with dbt */
  constructor(server: AirflowServer, binDirectory: string, way: DagFileWay, units: MachineUnits) {
    this.name = way.name;
    if (way.atMostModels !== undefined) this.atMostModels = way.atMostModels;
    if (way.atMostRounds !== undefined) this.atMostRounds = way.atMostRounds;
    this.#server = server;
    this.#binDirectory = binDirectory;
    this.#way = way;
    this.#units = units;
  }

  async prepare(assignment: Assignment, call: CallOptions): Promise<void> {
    const { directory } = assignment;
    const dbt = join(this.#binDirectory, 'dbt');
    const projectDirectory = await writeParsedProject(assignment, dbt, call);
    const folder = join(directory, 'dag');
    await writeDagFile(folder, this.#way, projectDirectory, dbt);
    this.#acquired = true;
    await this.#server.platform.acquire(call);
    await this.#server.addDag(this.#way.dagId, folder, call);
    this.#resultsFile = join(projectDirectory, 'target', 'run_results.json');
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    await rm(this.#resultsFile, { force: true });
    const { dagId } = this.#way;
    const meter = new UsageMeter(await this.#server.platform.rootProcess(), 'tree', this.#units);
    const launched = Date.now();
    const { usage, value: run } = await metered(meter, () => this.#server.run(dagId, call));
    const seen = Date.now();
    const tasks = await this.#server.taskInstances(dagId, run.dag_run_id, call);
    const wrong = tasks.filter(({ state }) => state !== 'success');
    if (run.state !== 'success' || wrong.length > 0) {
      const states = wrong.map(({ task_id: task, state }) => `${task} ${state ?? 'without state'}`).slice(0, 5);
      throw new TypeError(`The run of ${this.name} ended as ${run.state}: ${states.join(', ')}`);
    }
    const startedSeconds = secondsBetween(run.start_date, run.end_date);
    return {
      ...usage,
      ...(await this.#way.count(tasks, this.#resultsFile)),
      ...(startedSeconds !== undefined && { startedSeconds }),
      phases: runPhases(run, tasks, launched, seen),
    };
  }

  async dispose(): Promise<void> {
    if (this.#acquired) await this.#server.platform.release();
  }
}

/** Writes a DAG file and what it reads into a new folder. */
export async function writeDagFile(
  folder: string,
  { dagId, file, settings = {} }: Pick<DagFileWay, 'dagId' | 'file' | 'settings'>,
  projectDirectory: string,
  dbt: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(join(benchPython, file), join(folder, file));
  const document = {
    dag_id: dagId,
    project_dir: projectDirectory,
    dbt,
    profile: projectName,
    target: 'dev',
    ...settings,
  };
  await writeFile(join(folder, 'bench.json'), JSON.stringify(document));
}
