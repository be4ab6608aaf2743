import type { Bundle } from '@floe/core/bundle/bundle';
import { deliveredHash, publishBundle } from '@floe/core/bundle/publish-directory';
import { deliveryDirectory as directoryOf, rollOut } from '@floe/core/deployment/delivery';
import { DeploymentProgress } from '@floe/core/deployment/deployment-progress';
import { FloeError, InputError } from '@floe/core/errors/floe-error';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { dagAnswer, type Dag } from './airflow-answers.js';
import { checkBundle } from './airflow-bundle-check.js';
import { apiPath, type AirflowClient, type Answer } from './airflow-client.js';
import type { AirflowConfig } from './airflow-config.js';
import { ensureDagsFolder } from './airflow-dags-folder.js';
import { readDeployedAssets, readDeployedDags, readDeployedTasks } from './airflow-deployed-state.js';
import { findDrift, plannedState, type PlannedState } from './airflow-drift.js';
import { loadedHash, waitForBundle } from './airflow-loading.js';
import { minorOf, readVersion } from './airflow-versions.js';

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

/** Airflow itself gives a file 30 seconds by default; its own start comes on top. */
const checkTimeoutMs = 60_000;
/** What is to be done when a delivered bundle does not show. */
const inFolder =
  'Check that the delivery folder is the DAGs folder of this Airflow or lies in it, that no .airflowignore above it hides it, and look into the log of the DAG processor.';

/** Brings one bundle to Airflow: plan, apply, wait until it is loaded, read back, compare. Idempotent. */
export class AirflowDeployment {
  readonly #context: DeploymentContext;
  readonly #bundle: Bundle;
  readonly #options: DeployOptions;
  readonly #planned: PlannedState;
  readonly #progress: DeploymentProgress;

  constructor(context: DeploymentContext, bundle: Bundle, options: DeployOptions) {
    this.#context = context;
    this.#bundle = bundle;
    this.#options = options;
    this.#planned = plannedState(bundle.definitions);
    this.#progress = new DeploymentProgress(options, context.clock, context.config.request_timeout, {
      product: bundle.product,
      dag: this.#planned.dagId,
    });
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
    if (!isLoaded) await this.#tryBundle(planned);
    if (this.#options.dryRun) return this.#result(planned, false, []);

    if (directory !== undefined) await this.#applyFiles(directory, files);
    if (!isLoaded) await this.#load(load, planned);
    for (const change of switchesOf(this.#planned, await this.#readDags())) {
      this.#progress.done(
        await switchDag(this.#context.client, change, this.#progress.call()),
        describeSwitch(change),
        planned,
      );
    }
    return this.#result(this.#progress.applied, true, await this.#readBack());
  }

  async #readDags(): Promise<ReadonlyMap<string, Dag>> {
    return this.#progress.require(
      await readDeployedDags(this.#context.client, this.#bundle.product, this.#progress.call()),
    );
  }

  #isLoaded(dags: ReadonlyMap<string, Dag>): boolean {
    return this.#planned.dags.every(({ dagId }) => loadedHash(dags.get(dagId)) === this.#bundle.hash);
  }

  /** What a broken bundle would do to the DAGs that run now is found before it is delivered, when Airflow is at hand. */
  async #tryBundle(planned: readonly DeployChange[]): Promise<void> {
    const { python } = this.#options;
    if (python === undefined) return;
    const { client, log } = this.#context;
    const dagIds = this.#planned.dags.map(({ dagId }) => dagId);
    const check = await checkBundle(this.#bundle.directory, python, dagIds, this.#progress.call(checkTimeoutMs));
    this.#options.signal.throwIfAborted();
    if (check.kind === 'passed') return;
    if (check.kind === 'unanswered') {
      log(`The bundle was not tried before: the Airflow at hand gave no answer, ${check.reason}`);
      return;
    }
    const server = this.#progress.require(await readVersion(client, this.#progress.call()));
    if (minorOf(server) === minorOf(check.version)) throw this.#progress.failed(check.fault, planned);
    log(`${check.fault.message}. The server has Airflow ${server}, so it is deployed all the same.`);
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
    await publishBundle(this.#bundle, directory, this.#progress.rest(), this.#context.clock);
    this.#progress.note(...changes);
  }

  async #load(change: DeployChange, planned: readonly DeployChange[]): Promise<void> {
    const { client, clock, config, log } = this.#context;
    log(`Loading ${this.#bundle.product} in Airflow`);
    const awaited = {
      dagId: this.#planned.dagId,
      dagIds: this.#planned.dags.map(({ dagId }) => dagId),
      hash: this.#bundle.hash,
      rollOut: rollOut(config.delivery, this.#options, inFolder),
    };
    this.#progress.done(
      await waitForBundle(client, awaited, clock, this.#progress.call(config.load_timeout * 1_000)),
      change,
      planned,
    );
  }

  async #readBack(): Promise<string[]> {
    const { client } = this.#context;
    const { dagId } = this.#planned;
    const dags = await this.#readDags();
    if (!dags.has(dagId)) return [`the DAG ${dagId} is not loaded any more`];
    const tasks = this.#progress.require(await readDeployedTasks(client, dagId, this.#progress.call()));
    const assets = this.#progress.require(await readDeployedAssets(client, dagId, this.#progress.call()));
    return findDrift(this.#bundle.definitions, this.#planned, { dags, tasks, assets });
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

/** The folder into which a deployment writes; undefined when the bundle comes on another way. */
export function deliveryDirectory(config: AirflowConfig, options: DeployOptions): string | undefined {
  return directoryOf(config.delivery, options, { to: 'Airflow', example: '/opt/airflow/dags' });
}
