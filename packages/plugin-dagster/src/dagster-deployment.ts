import { join } from 'node:path';
import type { Bundle } from '@floe/core/bundle/bundle';
import { publishBundle } from '@floe/core/bundle/publish-directory';
import { readBundleIndex } from '@floe/core/bundle/read-bundle';
import { FloeError, InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import type { BackendFault } from '@floe/core/execution/run-backend';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Clock } from '@floe/core/time/clock';
import { setPoolLimitAnswer } from './dagster-answers.js';
import type { Answer, DagsterClient } from './dagster-client.js';
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

/** Brings one bundle to Dagster: plan, apply, wait until it is loaded, read back, compare. Idempotent. */
export class DagsterDeployment {
  readonly #context: DeploymentContext;
  readonly #bundle: Bundle;
  readonly #options: DeployOptions;
  readonly #name: RepositoryName;
  readonly #job: string;
  readonly #planned: PlannedTriggers;
  readonly #end: number;
  readonly #applied: DeployChange[] = [];

  constructor(context: DeploymentContext, bundle: Bundle, options: DeployOptions) {
    this.#context = context;
    this.#bundle = bundle;
    this.#options = options;
    this.#name = { location: codeLocationOf(context.config, bundle.product), repository: context.config.repository };
    this.#job = bundle.definitions.jobs[0]?.nativeName ?? '';
    this.#planned = plannedTriggers(bundle.definitions);
    this.#end = context.clock.now() + options.timeoutMs;
  }

  /** @throws PluginExecutionError, InputError */
  async deploy(): Promise<DeployResult> {
    const directory = deliveryDirectory(this.#context.config, this.#options);
    const before = this.#require(await loadedBundle(this.#context.client, this.#name, this.#job, this.#call()));
    const files = directory === undefined ? [] : await this.#planFiles(directory);
    const isLoaded = before.hash === this.#bundle.hash;
    const planned: DeployChange[] = [...files];
    if (!isLoaded) planned.push({ action: 'reload', object: `code location ${this.#name.location}` });
    const pool = this.#require(await readPoolLimit(this.#context.client, this.#planned.pool, this.#call()));
    if (pool !== 1) planned.push({ action: 'update', object: `pool ${this.#planned.pool}` });
    planned.push(...(await this.#planTriggers()).map(describeTriggerChange));
    if (this.#options.dryRun) return this.#result(planned, false, []);

    if (directory !== undefined) await this.#applyFiles(directory, files, planned);
    if (!isLoaded) await this.#load(files, planned);
    if (pool !== 1) await this.#limitPool(planned);
    for (const change of await this.#planTriggers()) {
      const answer = await applyTriggerChange(this.#context.client, this.#name, change, this.#call());
      this.#done(answer, describeTriggerChange(change), planned);
    }
    return this.#result(this.#applied, true, await this.#readBack());
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
    const deployed = this.#require(await readDeployedTriggers(this.#context.client, this.#name, this.#call()));
    return deployed === undefined ? [] : triggerChanges(this.#planned, deployed);
  }

  async #applyFiles(
    directory: string,
    changes: readonly DeployChange[],
    planned: readonly DeployChange[],
  ): Promise<void> {
    try {
      await ensureWorkspaceFile(directory);
      await publishBundle(this.#bundle, directory, this.#call(), this.#context.clock);
      await addDeliveredLocation(directory, { location: this.#name.location, folder: this.#bundle.product });
    } catch (error) {
      if (this.#applied.length === 0) throw error;
      throw this.#partial(FloeError.isInstance(error) ? error.message : 'a file could not be written', planned);
    }
    this.#applied.push(...changes);
  }

  async #load(files: readonly DeployChange[], planned: readonly DeployChange[]): Promise<void> {
    const { client, clock, config, log } = this.#context;
    const change: DeployChange = { action: 'reload', object: `code location ${this.#name.location}` };
    const isNew = files.some(({ object }) => object === change.object);
    log(`Loading ${this.#bundle.product} in Dagster`);
    const reloaded = isNew
      ? await reloadWorkspace(client, this.#call())
      : await reloadLocation(client, this.#name.location, this.#call());
    if (!reloaded.ok) throw this.#failed(reloaded.failure, planned);
    const began = clock.now();
    const loaded = await waitForBundle(
      client,
      { name: this.#name, job: this.#job, hash: this.#bundle.hash, rollOut: rollOut(config, this.#options) },
      clock,
      this.#call(config.load_timeout * 1_000),
    );
    this.#done(loaded, change, planned);
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
    const answer = await client.execute(SetPoolLimitDocument, { pool, limit: 1 }, setPoolLimitAnswer, this.#call());
    this.#done(answer, { action: 'update', object: `pool ${pool}` }, planned);
  }

  async #readBack(): Promise<string[]> {
    const { client } = this.#context;
    const triggers = this.#require(await readDeployedTriggers(client, this.#name, this.#call()));
    if (triggers === undefined) return [`the code location ${this.#name.location} is not loaded any more`];
    const jobs = new Set(this.#bundle.definitions.jobs.map(({ nativeName }) => nativeName));
    const assets = this.#require(await readDeployedAssets(client, this.#name, jobs, this.#call()));
    const drift = findDrift(this.#bundle.definitions, this.#planned, { ...triggers, ...assets });
    const limit = this.#require(await readPoolLimit(client, this.#planned.pool, this.#call()));
    if (limit !== 1) drift.push(`pool ${this.#planned.pool} has ${limit ?? 'no'} slots at Dagster, planned is 1`);
    return drift;
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
        location: this.#name.location,
        ...(this.#applied.length > 0 && { applied: this.#applied, pending }),
      },
    });
  }

  #partial(reason: string, planned: readonly DeployChange[]): PluginExecutionError {
    return this.#failed(
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

/** Hash of the bundle that the product's link leads to; undefined when it is not delivered, or broken. */
async function deliveredHash(directory: string, product: string): Promise<string | undefined> {
  try {
    return (await readBundleIndex(join(directory, product))).bundle_hash;
  } catch {
    return undefined;
  }
}

/** The folder into which a deployment writes; undefined when the bundle comes to Dagster on another way. */
export function deliveryDirectory(config: DagsterConfig, options: DeployOptions): string | undefined {
  if (options.directory !== undefined) return options.directory;
  if (config.delivery === undefined) {
    throw new InputError({
      code: 'MISSING_VALUE',
      message: 'The manifest does not say how the bundle comes to Dagster.',
      resolution:
        'Set plugins.orchestrator.config.delivery, for example {kind: directory, path: /opt/dagster/products}.',
    });
  }
  return config.delivery.kind === 'directory' ? config.delivery.path : undefined;
}

function rollOut(config: DagsterConfig, options: DeployOptions): string {
  const { delivery } = config;
  if (options.directory !== undefined || delivery?.kind === 'directory') {
    return 'Check that Dagster reads workspace.yaml of the delivery folder, and look into the log of its webserver.';
  }
  return delivery?.kind === 'image'
    ? `Build the image ${delivery.ref} from the bundle (\`floe generate\`), roll it out, then deploy again.`
    : `Push the bundle (\`floe generate\`) to ${delivery?.kind === 'git' ? delivery.url : 'the repository'} and roll it out, then deploy again.`;
}
