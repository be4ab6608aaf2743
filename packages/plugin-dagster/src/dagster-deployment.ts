import type { Bundle } from '@floe/core/bundle/bundle';
import { deliveredHash, publishBundle } from '@floe/core/bundle/publish-directory';
import { deliveryDirectory as directoryOf, rollOut } from '@floe/core/deployment/delivery';
import { DeploymentProgress } from '@floe/core/deployment/deployment-progress';
import { FloeError, type PluginExecutionError } from '@floe/core/errors/floe-error';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { Clock } from '@floe/core/time/clock';
import { setPoolLimitAnswer } from './dagster-answers.js';
import type { DagsterClient } from './dagster-client.js';
import { codeLocationOf, type DagsterConfig } from './dagster-config.js';
import { readDeployedAssets, readDeployedTriggers, readPoolLimit } from './dagster-deployed-state.js';
import { findDrift, plannedTriggers, type PlannedTriggers } from './dagster-drift.js';
import { loadedBundle, reloadLocation, reloadWorkspace, waitForBundle } from './dagster-loading.js';
import type { RepositoryName } from './dagster-locations.js';
import {
  applyTriggerChange,
  describeTriggerChange,
  triggerChanges,
  type TriggerChange,
} from './dagster-trigger-changes.js';
import { addDeliveredLocation, ensureWorkspaceFile, readDeliveredLocations } from './dagster-workspace-file.js';
import { SetPoolLimitDocument } from './generated/graphql.js';

export interface DeploymentContext {
  readonly client: DagsterClient;
  readonly config: DagsterConfig;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** What is to be done when a delivered bundle does not show. */
const inFolder =
  'Check that Dagster reads workspace.yaml of the delivery folder, and look into the log of its webserver.';

/** Brings one bundle to Dagster: plan, apply, wait until it is loaded, read back, compare. Idempotent. */
export class DagsterDeployment {
  readonly #context: DeploymentContext;
  readonly #bundle: Bundle;
  readonly #options: DeployOptions;
  readonly #name: RepositoryName;
  readonly #job: string;
  readonly #planned: PlannedTriggers;
  readonly #progress: DeploymentProgress;

  constructor(context: DeploymentContext, bundle: Bundle, options: DeployOptions) {
    this.#context = context;
    this.#bundle = bundle;
    this.#options = options;
    this.#name = { location: codeLocationOf(context.config, bundle.product), repository: context.config.repository };
    this.#job = bundle.definitions.jobs[0]?.nativeName ?? '';
    this.#planned = plannedTriggers(bundle.definitions);
    this.#progress = new DeploymentProgress(options, context.clock, context.config.request_timeout, {
      product: bundle.product,
      location: this.#name.location,
    });
  }

  /** @throws PluginExecutionError, InputError */
  async deploy(): Promise<DeployResult> {
    const directory = deliveryDirectory(this.#context.config, this.#options);
    const before = this.#progress.require(
      await loadedBundle(this.#context.client, this.#name, this.#job, this.#progress.call()),
    );
    const files = directory === undefined ? [] : await this.#planFiles(directory);
    const isLoaded = before.hash === this.#bundle.hash;
    const planned: DeployChange[] = [...files];
    if (!isLoaded) planned.push({ action: 'reload', object: `code location ${this.#name.location}` });
    const pool = this.#progress.require(
      await readPoolLimit(this.#context.client, this.#planned.pool, this.#progress.call()),
    );
    if (pool !== 1) planned.push({ action: 'update', object: `pool ${this.#planned.pool}` });
    planned.push(...(await this.#planTriggers()).map(describeTriggerChange));
    if (this.#options.dryRun) return this.#result(planned, false, []);

    if (directory !== undefined) await this.#applyFiles(directory, files, planned);
    if (!isLoaded) await this.#load(files, planned);
    if (pool !== 1) await this.#limitPool(planned);
    for (const change of await this.#planTriggers()) {
      const answer = await applyTriggerChange(this.#context.client, this.#name, change, this.#progress.call());
      this.#progress.done(answer, describeTriggerChange(change), planned);
    }
    return this.#result(this.#progress.applied, true, await this.#readBack());
  }

  async #planFiles(directory: string): Promise<DeployChange[]> {
    const changes: DeployChange[] = [];
    const delivered = await deliveredHash(directory, this.#bundle.product);
    if (delivered !== this.#bundle.hash) {
      changes.push({
        action: delivered === undefined ? 'create' : 'update',
        object: `bundle ${this.#bundle.product} in ${directory}`,
      });
    }
    if (!(await this.#isInWorkspace(directory))) {
      changes.push({ action: 'create', object: `code location ${this.#name.location}` });
    }
    return changes;
  }

  async #isInWorkspace(directory: string): Promise<boolean> {
    const locations = await readDeliveredLocations(directory);
    return locations.some(
      ({ location, folder }) => location === this.#name.location && folder === this.#bundle.product,
    );
  }

  /** Nothing to do when the definitions that are loaded have another set of triggers: they are looked at after loading. */
  async #planTriggers(): Promise<TriggerChange[]> {
    const deployed = this.#progress.require(
      await readDeployedTriggers(this.#context.client, this.#name, this.#progress.call()),
    );
    return deployed === undefined ? [] : triggerChanges(this.#planned, deployed);
  }

  async #applyFiles(
    directory: string,
    changes: readonly DeployChange[],
    planned: readonly DeployChange[],
  ): Promise<void> {
    try {
      await ensureWorkspaceFile(directory);
      await publishBundle(this.#bundle, directory, this.#progress.rest(), this.#context.clock);
      await addDeliveredLocation(directory, { location: this.#name.location, folder: this.#bundle.product });
    } catch (error) {
      if (this.#progress.applied.length === 0) throw error;
      throw this.#partial(FloeError.isInstance(error) ? error.message : 'a file could not be written', planned);
    }
    this.#progress.note(...changes);
  }

  async #load(files: readonly DeployChange[], planned: readonly DeployChange[]): Promise<void> {
    const { client, clock, config, log } = this.#context;
    const change: DeployChange = { action: 'reload', object: `code location ${this.#name.location}` };
    const isNew = files.some(({ object }) => object === change.object);
    log(`Loading ${this.#bundle.product} in Dagster`);
    const loading = this.#progress.call(config.load_timeout * 1_000);
    const reloaded = isNew
      ? await reloadWorkspace(client, loading)
      : await reloadLocation(client, this.#name.location, loading);
    if (!reloaded.ok) throw this.#progress.failed(reloaded.failure, planned);
    const began = clock.now();
    const loaded = await waitForBundle(
      client,
      {
        name: this.#name,
        job: this.#job,
        hash: this.#bundle.hash,
        rollOut: rollOut(config.delivery, this.#options, inFolder),
      },
      clock,
      this.#progress.call(config.load_timeout * 1_000),
    );
    this.#progress.done(loaded, change, planned);
    if (isNew) await this.#waitForDaemon(began);
  }

  /** The daemon reads workspace.yaml by itself, and fails runs of code locations that it does not know yet. */
  async #waitForDaemon(began: number): Promise<void> {
    const { clock, config, log } = this.#context;
    const left = began + config.daemon_workspace_delay * 1_000 - clock.now();
    if (left <= 0) return;
    log(`Waiting ${Math.ceil(left / 1_000)} s until Dagster's daemon knows the new code location`);
    await clock.sleep(left, this.#options.signal);
  }

  async #limitPool(planned: readonly DeployChange[]): Promise<void> {
    const { pool } = this.#planned;
    const { client } = this.#context;
    const answer = await client.execute(
      SetPoolLimitDocument,
      { pool, limit: 1 },
      setPoolLimitAnswer,
      this.#progress.call(),
    );
    this.#progress.done(answer, { action: 'update', object: `pool ${pool}` }, planned);
  }

  async #readBack(): Promise<string[]> {
    const { client } = this.#context;
    const triggers = this.#progress.require(await readDeployedTriggers(client, this.#name, this.#progress.call()));
    if (triggers === undefined) return [`the code location ${this.#name.location} is not loaded any more`];
    const jobs = new Set(this.#bundle.definitions.jobs.map(({ nativeName }) => nativeName));
    const assets = this.#progress.require(await readDeployedAssets(client, this.#name, jobs, this.#progress.call()));
    const drift = findDrift(this.#bundle.definitions, this.#planned, { ...triggers, ...assets });
    const limit = this.#progress.require(await readPoolLimit(client, this.#planned.pool, this.#progress.call()));
    if (limit !== 1) drift.push(`pool ${this.#planned.pool} has ${limit ?? 'no'} slots at Dagster, planned is 1`);
    return drift;
  }

  #partial(reason: string, planned: readonly DeployChange[]): PluginExecutionError {
    return this.#progress.failed(
      {
        code: 'DEPLOYMENT_PARTIAL',
        message: `The deployment stopped in the middle: ${reason}`,
        resolution: 'Remove the cause and deploy again: what is done already is left alone.',
        retryable: false,
      },
      planned,
    );
  }

  #result(changes: readonly DeployChange[], applied: boolean, drift: readonly string[]): DeployResult {
    const { client } = this.#context;
    const location = encodeURIComponent(this.#name.location);
    return {
      changes,
      applied,
      bundleHash: this.#bundle.hash,
      drift,
      url: `${client.url}/locations/${location}/jobs/${this.#job}`,
    };
  }
}

/** The folder into which a deployment writes; undefined when the bundle comes on another way. */
export function deliveryDirectory(config: DagsterConfig, options: DeployOptions): string | undefined {
  return directoryOf(config.delivery, options, { to: 'Dagster', example: '/opt/dagster/products' });
}
