import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-dagster';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import type { MachineUnits } from '../process/usage-meter.js';
import { deployProduct, runProduct, type DeployedProduct } from '../product/deployed-product.js';
import type { DagsterServer } from './dagster-server.js';
import { countResults, momentsOf, phasesOf } from './run-timeline.js';

/** floe: compiled, deployed and run through the plugin, as `floe run` does. */
export class FloeOnDagster implements Contender {
  readonly name = 'floe on Dagster';
  readonly #server: DagsterServer;
  readonly #python: string;
  readonly #units: MachineUnits;
  #acquired = false;
  #deployed: DeployedProduct | undefined;

  /** @param python with dbt, for the parse */
  constructor(server: DagsterServer, python: string, units: MachineUnits) {
    this.#server = server;
    this.#python = python;
    this.#units = units;
  }

  async prepare(assignment: Assignment, call: CallOptions): Promise<void> {
    const { platform } = this.#server;
    this.#acquired = true;
    await platform.acquire(call);
    const input = { ...assignment, module: orchestratorPlugin, platform, python: this.#python };
    this.#deployed = await deployProduct(input, call);
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    if (this.#deployed === undefined) throw new TypeError('floe has not been deployed.');
    const run = await runProduct(this.#deployed, this.#server.platform, this.#units, call);
    const { usage, result, launched, seen } = run;
    const done = result.nodes.filter(({ status }) => status === 'succeeded').length;
    const events = await this.#server.events(result.runId, call);
    const counted = countResults(events);
    if (done !== counted.models + counted.tests) {
      throw new TypeError(`floe reports ${done} nodes, Dagster ${counted.models + counted.tests}.`);
    }
    const status = await this.#server.status(result.runId, call);
    return {
      ...usage,
      ...counted,
      startedSeconds: (status.endTime ?? 0) - (status.startTime ?? 0),
      phases: phasesOf(momentsOf(events, launched, seen)),
    };
  }

  async dispose(): Promise<void> {
    if (this.#acquired) await this.#server.platform.release();
  }
}
