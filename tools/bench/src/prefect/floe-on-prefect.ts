import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '@floe/core/bundle/bundle';
import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-prefect';
import { z } from 'zod';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import type { MachineUnits } from '../process/usage-meter.js';
import { deployProduct, runProduct, type DeployedProduct } from '../product/deployed-product.js';
import { secondsBetween } from '../report/phases.js';
import { flowPhases } from './flow-timeline.js';
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
  #deployed: DeployedProduct | undefined;

  /** @param python with dbt, for the parse */
  constructor(server: PrefectServer, python: string, units: MachineUnits) {
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
    const { bundle } = this.#deployed;
    const product = await runProduct(this.#deployed, this.#server.platform, this.#units, call);
    const { usage, result, launched, seen } = product;
    await this.#checkEdges(result.runId, plannedEdges(bundle), call);
    const taskRuns = await this.#server.taskRuns(result.runId, call);
    const run = await this.#server.flowRun(result.runId, call);
    const startedSeconds = secondsBetween(run.start_time, run.end_time);
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
