import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '@floe/core/bundle/bundle';
import type { OrchestratorPlugin } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-prefect';
import { z } from 'zod';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import { metered, UsageMeter, type MachineUnits } from '../process/usage-meter.js';
import { bundleOf, compileGenerated, openPlugin } from '../product/compile-product.js';
import { writeProject } from '../project/write-project.js';
import { flowPhases, flowSeconds } from './flow-timeline.js';
import type { PrefectServer, TaskRun } from './prefect-server.js';

const plan = z.looseObject({ nodes: z.array(z.looseObject({ waits: z.array(z.number()).default([]) })) });

const recordedWithinMs = 30_000;
const pollMs = 500;

/** floe: compiled, deployed and run through the plugin, as `floe run` does; every node is a task run with its edges. */
export class FloeOnPrefect implements Contender {
  readonly name = 'floe on Prefect';
  readonly #server: PrefectServer;
  readonly #python: string;
  readonly #units: MachineUnits;
  #acquired = false;
  #deployed: { readonly plugin: OrchestratorPlugin; readonly bundle: Bundle } | undefined;

  /** @param python with dbt, for the parse */
  constructor(server: PrefectServer, python: string, units: MachineUnits) {
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
    await this.#checkEdges(result.runId, plannedEdges(bundle), call);
    const taskRuns = await this.#server.taskRuns(result.runId, call);
    const run = await this.#server.flowRun(result.runId, call);
    const startedSeconds = flowSeconds(run);
    return {
      ...usage,
      models: countDone(taskRuns, 'model.'),
      tests: countDone(taskRuns, 'test.'),
      ...(startedSeconds !== undefined && { startedSeconds }),
      phases: flowPhases(run, taskRuns, launched, seen),
    };
  }

  /** Prefect's server writes what it was told in the background, also after the end of the run. */
  async #checkEdges(runId: string, planned: number, call: CallOptions): Promise<void> {
    const end = performance.now() + recordedWithinMs;
    for (;;) {
      const edges = await this.#server.countEdges(runId, call);
      if (edges === planned) return;
      if (performance.now() > end) {
        throw new TypeError(`The run has ${edges} edges at Prefect, the product ${planned}.`);
      }
      await sleep(pollMs, undefined, { signal: call.signal });
    }
  }

  async dispose(): Promise<void> {
    if (this.#acquired) await this.#server.platform.release();
  }
}

function countDone(taskRuns: readonly TaskRun[], prefix: string): number {
  return taskRuns.filter(({ task_key: key, state_type: state }) => key.startsWith(prefix) && state === 'COMPLETED')
    .length;
}

function plannedEdges({ definitions }: Bundle): number {
  const file = definitions.files.find(({ path }) => path === 'prefect.json');
  const { nodes } = plan.parse(JSON.parse(file?.content ?? ''));
  return nodes.reduce((sum, { waits }) => sum + waits.length, 0);
}
