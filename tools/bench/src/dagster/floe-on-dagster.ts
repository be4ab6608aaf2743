import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '@floe/core/bundle/bundle';
import type { OrchestratorPlugin } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-dagster';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { bundleOf, compileGenerated, openPlugin } from '../product/compile-product.js';
import { writeProject } from '../project/write-project.js';
import type { DagsterServer } from './dagster-server.js';
import { countResults, momentsOf, phasesOf } from './run-timeline.js';

/** floe: compiled, deployed and run through the plugin, as `floe run` does. */
export class FloeOnDagster implements Contender {
  readonly name = 'floe on Dagster';
  readonly #server: DagsterServer;
  readonly #python: string;
  readonly #units: MachineUnits;
  #acquired = false;
  #deployed: { readonly plugin: OrchestratorPlugin; readonly bundle: Bundle } | undefined;

  /** @param python with dbt, for the parse */
  constructor(server: DagsterServer, python: string, units: MachineUnits) {
    this.#server = server;
    this.#python = python;
    this.#units = units;
  }

  async prepare({ project, directory }: Assignment, call: CallOptions): Promise<void> {
    const projectDirectory = join(directory, 'project');
    await mkdir(projectDirectory, { recursive: true });
    await writeProject(project, projectDirectory);
    const compiled = await compileGenerated(projectDirectory, this.#python, call);
    this.#acquired = true;
    const state = await this.#server.platform.acquire(call);
    const plugin = openPlugin(orchestratorPlugin, state.config);
    const bundle = await bundleOf(compiled, plugin, join(directory, 'bundle'), call);
    await plugin.deploy(bundle, { ...call, dryRun: false, directory: state.directory });
    this.#deployed = { plugin, bundle };
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    if (this.#deployed === undefined) throw new TypeError('floe has not been deployed.');
    const { plugin, bundle } = this.#deployed;
    const meter = new UsageMeter(await this.#server.platform.rootProcess(), 'tree', this.#units);
    const launched = Date.now();
    const request = { artifacts: bundle.artifacts, bundleHash: bundle.hash, timeout: call.timeoutMs / 1_000 };
    const { usage, value: result } = await metered(meter, () => plugin.executeJob(request, call.signal).result);
    const seen = Date.now();
    if (result.status !== 'succeeded')
      throw new TypeError(`The run of floe ended as ${result.status}: ${result.error?.message ?? ''}`);
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
