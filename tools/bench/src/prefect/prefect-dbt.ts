import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import { benchPython } from '../bench-python.js';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { countRunResults } from '../contenders/run-results.js';
import { runChecked } from '../process/run-checked.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { bareProfiles } from '../project/generate-project.js';
import { writeProject } from '../project/write-project.js';
import { flowPhases, flowSeconds } from './flow-timeline.js';
import type { PrefectServer } from './prefect-server.js';

/** Ways of prefect-dbt to run a project: one dbt command whose nodes are task runs, or waves of commands. */
export type PrefectDbtWay = 'runner' | 'orchestrator';

const names: Readonly<Record<PrefectDbtWay, string>> = {
  runner: 'PrefectDbtRunner',
  orchestrator: 'PrefectDbtOrchestrator, per wave',
};
const flowFile = 'prefect_dbt_flows.py';

/** prefect-dbt, in an environment of its own, with the same versions of Prefect and dbt. */
export class PrefectDbt implements Contender {
  readonly name: string;
  readonly #server: PrefectServer;
  readonly #python: { readonly binDirectory: string; readonly python: string };
  readonly #way: PrefectDbtWay;
  readonly #units: MachineUnits;
  #acquired = false;
  #deployed: { readonly id: string; readonly resultsFile: string } | undefined;

  constructor(
    server: PrefectServer,
    python: { readonly binDirectory: string; readonly python: string },
    way: PrefectDbtWay,
    units: MachineUnits,
  ) {
    this.name = names[way];
    this.#server = server;
    this.#python = python;
    this.#way = way;
    this.#units = units;
  }

  async prepare({ project, directory }: Assignment, call: CallOptions): Promise<void> {
    const projectDirectory = join(directory, 'project');
    await mkdir(projectDirectory, { recursive: true });
    await writeProject(project, projectDirectory);
    await writeFile(join(projectDirectory, 'profiles.yml'), bareProfiles(join(projectDirectory, 'bench.duckdb')));
    await runChecked(join(this.#python.binDirectory, 'dbt'), ['parse'], projectDirectory, call);
    await copyFile(join(benchPython, flowFile), join(directory, flowFile));
    this.#acquired = true;
    await this.#server.platform.acquire(call);
    const deployment = {
      name: `prefect-dbt-${this.#way}`,
      directory,
      entrypoint: `${flowFile}:${this.#way}`,
      python: this.#python.python,
      parameters: { project_dir: projectDirectory },
    };
    const id = await this.#server.deploy(deployment, call);
    this.#deployed = { id, resultsFile: join(projectDirectory, 'target', 'run_results.json') };
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    if (this.#deployed === undefined) throw new TypeError(`${this.name} has not been deployed.`);
    const { id, resultsFile } = this.#deployed;
    await rm(resultsFile, { force: true });
    const meter = new UsageMeter(await this.#server.platform.rootProcess(), 'tree', this.#units);
    const launched = Date.now();
    const { usage, value: run } = await metered(meter, () => this.#server.run(id, call));
    const seen = Date.now();
    if (run.state_type !== 'COMPLETED') {
      throw new TypeError(
        `The run of ${this.name} ended as ${run.state_type ?? 'nothing'}: ${run.state?.message ?? ''}`,
      );
    }
    const startedSeconds = flowSeconds(run);
    return {
      ...usage,
      ...(await countRunResults(resultsFile)),
      ...(startedSeconds !== undefined && { startedSeconds }),
      phases: flowPhases(run, [], launched, seen),
    };
  }

  async dispose(): Promise<void> {
    if (this.#acquired) await this.#server.platform.release();
  }
}
