import type { CallOptions } from '@floe/core/time/call-options';
import { orchestratorPlugin } from '@floe/plugin-airflow';
import type { Assignment, Contender, RunMeasurement } from '../contender.js';
import type { MachineUnits } from '../process/usage-meter.js';
import { deployProduct, runProduct, type DeployedProduct } from '../product/deployed-product.js';
import { productName, withProductName } from '../project/generate-project.js';
import { secondsBetween } from '../report/phases.js';
import type { AirflowServer } from './airflow-server.js';
import { runPhases } from './run-timeline.js';

/** `node`: each model is a task, up to the plugin's limit; `build`: one task runs dbt. */
export type Granularity = 'build' | 'node';

/** floe: compiled, deployed and run through the plugin, as `floe run` does. */
export class FloeOnAirflow implements Contender {
  readonly name: string;
  readonly #server: AirflowServer;
  readonly #python: string;
  readonly #granularity: Granularity;
  readonly #units: MachineUnits;
  readonly atMostModels?: number;
  readonly #product: string;
  #acquired = false;
  #deployed: DeployedProduct | undefined;

  /** @param python with dbt, for the parse */
  constructor(server: AirflowServer, python: string, granularity: Granularity, units: MachineUnits) {
    this.name = `floe on Airflow, ${granularity}`;
    this.#server = server;
    this.#python = python;
    this.#granularity = granularity;
    this.#units = units;
    this.#product = `${productName}-${granularity}`;
    if (granularity === 'node') this.atMostModels = 50;
  }

  async prepare({ project, directory }: Assignment, call: CallOptions): Promise<void> {
    const { platform } = this.#server;
    this.#acquired = true;
    await platform.acquire(call);
    const input = {
      module: orchestratorPlugin,
      project: withProductName(project, this.#product),
      directory,
      platform,
      python: this.#python,
      config: { granularity: this.#granularity },
    };
    this.#deployed = await deployProduct(input, call);
  }

  async runOnce(call: CallOptions): Promise<RunMeasurement> {
    if (this.#deployed === undefined) throw new TypeError('floe has not been deployed.');
    const { bundle } = this.#deployed;
    const product = await runProduct(this.#deployed, this.#server.platform, this.#units, call);
    const { usage, result, launched, seen } = product;
    const run = await this.#server.dagRun(this.#product, result.runId, call);
    const tasks = await this.#server.taskInstances(this.#product, result.runId, call);
    // The verdict ends as skipped when all is well.
    const wrong = tasks.filter(({ task_id: task, state }) => state !== (task === 'verdict' ? 'skipped' : 'success'));
    const expected = this.#granularity === 'node' ? bundle.definitions.assets.length + 2 : 2;
    if (tasks.length !== expected || wrong.length > 0) {
      throw new TypeError(`${tasks.length} tasks are there, ${expected} should be; ${wrong.length} ended otherwise.`);
    }
    const record = await this.#server.xcom(this.#product, result.runId, 'build', 'floe_record', call);
    const startedSeconds = secondsBetween(run.start_date, run.end_date);
    const done = (prefix: string): number =>
      result.nodes.filter(({ id, status }) => id.startsWith(prefix) && status === 'succeeded').length;
    return {
      ...usage,
      models: done('model.'),
      tests: done('test.'),
      ...(startedSeconds !== undefined && { startedSeconds }),
      phases: runPhases(run, tasks, launched, seen, record),
    };
  }

  async dispose(): Promise<void> {
    if (this.#acquired) await this.#server.platform.release();
  }
}
