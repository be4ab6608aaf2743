import type { Bundle } from '@floe/core/bundle/bundle';
import { deliveredHash, publishBundle } from '@floe/core/bundle/publish-directory';
import { FloeError, InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import type { BackendFault } from '@floe/core/execution/run-backend';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { dagAnswer, type Dag } from './airflow-answers.js';
import { apiPath, type AirflowClient, type Answer } from './airflow-client.js';
import type { AirflowConfig } from './airflow-config.js';
import { ensureDagsFolder } from './airflow-dags-folder.js';
import { readDeployedAssets, readDeployedDags, readDeployedTasks } from './airflow-deployed-state.js';
import { findDrift, plannedState, type PlannedState } from './airflow-drift.js';
import { loadedHash, waitForBundle } from './airflow-loading.js';

export interface DeploymentContext {
  readonly client: AirflowClient;
  readonly config: AirflowConfig;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** A DAG that is to be switched on or off. */
interface Switch {
  readonly dagId: string;
  readonly paused: boolean;
}

/** Brings one bundle to Airflow: plan, apply, wait until it is loaded, read back, compare. Idempotent. */
export class AirflowDeployment {
  readonly #context: DeploymentContext;
  readonly #bundle: Bundle;
  readonly #options: DeployOptions;
  readonly #planned: PlannedState;
  readonly #end: number;
  readonly #applied: DeployChange[] = [];

  constructor(context: DeploymentContext, bundle: Bundle, options: DeployOptions) {
    this.#context = context;
    this.#bundle = bundle;
    this.#options = options;
    this.#planned = plannedState(bundle.definitions);
    this.#end = context.clock.now() + options.timeoutMs;
  }

  /** @throws PluginExecutionError, InputError */
  async deploy(): Promise<DeployResult> {
    const directory = deliveryDirectory(this.#context.config, this.#options);
    const before = await this.#readDags();
    const files = directory === undefined ? [] : await this.#planFiles(directory);
    const isLoaded = this.#isLoaded(before);
    const load: DeployChange = { action: 'reload', object: `DAG ${this.#planned.dagId}` };
    const switches = switchesOf(this.#planned, before).map(describeSwitch);
    const planned = [...files, ...(isLoaded ? [] : [load]), ...switches];
    if (this.#options.dryRun) return this.#result(planned, false, []);

    if (directory !== undefined) await this.#applyFiles(directory, files);
    if (!isLoaded) await this.#load(load, planned);
    for (const change of switchesOf(this.#planned, await this.#readDags())) {
      this.#done(await switchDag(this.#context.client, change, this.#call()), describeSwitch(change), planned);
    }
    return this.#result(this.#applied, true, await this.#readBack());
  }

  async #readDags(): Promise<ReadonlyMap<string, Dag>> {
    return this.#require(await readDeployedDags(this.#context.client, this.#bundle.product, this.#call()));
  }

  #isLoaded(dags: ReadonlyMap<string, Dag>): boolean {
    return this.#planned.dags.every(({ dagId }) => loadedHash(dags.get(dagId)) === this.#bundle.hash);
  }

  async #planFiles(directory: string): Promise<DeployChange[]> {
    const delivered = await deliveredHash(directory, this.#bundle.product);
    if (delivered === this.#bundle.hash) return [];
    return [
      {
        action: delivered === undefined ? 'create' : 'update',
        object: `bundle ${this.#bundle.product} in ${directory}`,
      },
    ];
  }

  async #applyFiles(directory: string, changes: readonly DeployChange[]): Promise<void> {
    try {
      await ensureDagsFolder(directory);
    } catch (error) {
      if (FloeError.isInstance(error)) throw error;
      throw new InputError({
        code: 'FILE_UNREADABLE',
        message: `The delivery folder ${directory} cannot be written to.`,
        resolution: 'Check plugins.orchestrator.config.delivery.path and the permissions of the folder.',
      });
    }
    await publishBundle(this.#bundle, directory, this.#call(), this.#context.clock);
    this.#applied.push(...changes);
  }

  async #load(change: DeployChange, planned: readonly DeployChange[]): Promise<void> {
    const { client, clock, config, log } = this.#context;
    log(`Loading ${this.#bundle.product} in Airflow`);
    const awaited = {
      dagId: this.#planned.dagId,
      dagIds: this.#planned.dags.map(({ dagId }) => dagId),
      hash: this.#bundle.hash,
      rollOut: rollOut(config, this.#options),
    };
    this.#done(await waitForBundle(client, awaited, clock, this.#call(config.load_timeout * 1_000)), change, planned);
  }

  async #readBack(): Promise<string[]> {
    const { client } = this.#context;
    const { dagId } = this.#planned;
    const dags = await this.#readDags();
    if (!dags.has(dagId)) return [`the DAG ${dagId} is not loaded any more`];
    const tasks = this.#require(await readDeployedTasks(client, dagId, this.#call()));
    const assets = this.#require(await readDeployedAssets(client, dagId, this.#call()));
    return findDrift(this.#bundle.definitions, this.#planned, { dags, tasks, assets });
  }

  #call(limitMs = Number.POSITIVE_INFINITY): CallOptions {
    const left = this.#end - this.#context.clock.now();
    return { signal: this.#options.signal, timeoutMs: Math.max(1, Math.min(left, limitMs)) };
  }

  #require<Value>(answer: Answer<Value>): Value {
    if (answer.ok) return answer.value;
    throw this.#failed(answer.failure, []);
  }

  #done(answer: Answer<unknown>, change: DeployChange, planned: readonly DeployChange[]): void {
    if (!answer.ok) throw this.#failed(answer.failure, planned);
    this.#applied.push(change);
  }

  #failed(fault: BackendFault, planned: readonly DeployChange[]): PluginExecutionError {
    const pending = planned.filter((change) => !this.#applied.includes(change));
    return new PluginExecutionError({
      code: fault.code,
      message: fault.message,
      resolution: fault.resolution,
      context: {
        product: this.#bundle.product,
        dag: this.#planned.dagId,
        ...(this.#applied.length > 0 && { applied: this.#applied, pending }),
      },
    });
  }

  #result(changes: readonly DeployChange[], applied: boolean, drift: readonly string[]): DeployResult {
    const url = `${this.#context.client.url}/dags/${encodeURIComponent(this.#planned.dagId)}`;
    return { changes, applied, bundleHash: this.#bundle.hash, drift, url };
  }
}

/** DAGs that are on and must be off, or the other way; one that is not planned any more is switched off. */
function switchesOf(planned: PlannedState, deployed: ReadonlyMap<string, Dag>): Switch[] {
  const enabled = new Map(planned.dags.map(({ dagId, enabled: isEnabled }) => [dagId, isEnabled]));
  return [...deployed.values()].flatMap(({ dag_id: dagId, is_paused: isPaused }) => {
    const paused = !(enabled.get(dagId) ?? false);
    return paused === isPaused ? [] : [{ dagId, paused }];
  });
}

/** What a switch is called in a list of changes. */
export function describeSwitch({ dagId, paused }: Switch): DeployChange {
  return { action: paused ? 'stop' : 'start', object: `DAG ${dagId}` };
}

/** Switches a DAG on or off. */
export async function switchDag(
  client: AirflowClient,
  { dagId, paused }: Switch,
  call: CallOptions,
): Promise<Answer<unknown>> {
  const query = { update_mask: ['is_paused'] };
  return client.send(
    { method: 'PATCH', path: apiPath('dags', dagId), query, json: { is_paused: paused } },
    dagAnswer,
    call,
  );
}

/** The folder into which a deployment writes; undefined when the bundle comes to Airflow on another way. */
export function deliveryDirectory(config: AirflowConfig, options: DeployOptions): string | undefined {
  if (options.directory !== undefined) return options.directory;
  if (config.delivery === undefined) {
    throw new InputError({
      code: 'MISSING_VALUE',
      message: 'The manifest does not say how the bundle comes to Airflow.',
      resolution: 'Set plugins.orchestrator.config.delivery, for example {kind: directory, path: /opt/airflow/dags}.',
    });
  }
  return config.delivery.kind === 'directory' ? config.delivery.path : undefined;
}

function rollOut(config: AirflowConfig, options: DeployOptions): string {
  const { delivery } = config;
  if (options.directory !== undefined || delivery?.kind === 'directory') {
    return 'Check that the delivery folder is the DAGs folder of this Airflow or lies in it, that no .airflowignore above it hides it, and look into the log of the DAG processor.';
  }
  return delivery?.kind === 'image'
    ? `Build the image ${delivery.ref} from the bundle (\`floe generate\`), roll it out, then deploy again.`
    : `Push the bundle (\`floe generate\`) to ${delivery?.kind === 'git' ? delivery.url : 'the repository'} and roll it out, then deploy again.`;
}
