import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallOptions } from '@floe/core/time/call-options';
import { benchPython } from '../bench-python.js';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { countRunResults } from '../contenders/run-results.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { writeParsedProject } from '../project/parsed-project.js';
import { secondsBetween } from '../report/phases.js';
import { flowPhases } from './flow-timeline.js';
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

  async prepare(assignment: Assignment, call: CallOptions): Promise<void> {
    const { directory } = assignment;
    const projectDirectory = await writeParsedProject(assignment, join(this.#python.binDirectory, 'dbt'), call);
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
    const startedSeconds = secondsBetween(run.start_time, run.end_time);
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
