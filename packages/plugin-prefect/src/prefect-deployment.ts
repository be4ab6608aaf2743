import { join, resolve } from 'node:path';
import type { Bundle } from '@floe/core/bundle/bundle';
import { shortHash } from '@floe/core/bundle/bundle-hash';
import { deliveredHash, publishBundle } from '@floe/core/bundle/publish-directory';
import { deliveryDirectory as directoryOf } from '@floe/core/deployment/delivery';
import { DeploymentProgress } from '@floe/core/deployment/deployment-progress';
import { FloeError } from '@floe/core/errors/floe-error';
import type { BackendFault } from '@floe/core/execution/run-backend';
import type { DeployChange, DeployOptions, DeployResult } from '@floe/core/plugin-interfaces';
import type { Clock } from '@floe/core/time/clock';
import { deploymentUrl } from './prefect-addresses.js';
import { automationChanges, deploymentChanges, type Change } from './prefect-changes.js';
import type { PrefectClient } from './prefect-client.js';
import type { PrefectConfig } from './prefect-config.js';
import { readDeployedState, readWorkPool, type DeployedState } from './prefect-deployed-state.js';
import { checkPlan } from './prefect-plan-check.js';
import { plannedObjects, type PlannedObjects } from './prefect-planned-objects.js';
import { checkWorkPool, templateOf, workPoolCreation } from './prefect-work-pool.js';

export interface DeploymentContext {
  readonly client: PrefectClient;
  readonly config: PrefectConfig;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** Brings one bundle to Prefect over REST: plan, apply, read back, compare. Idempotent. */
export class PrefectDeployment {
  readonly #context: DeploymentContext;
  readonly #bundle: Bundle;
  readonly #options: DeployOptions;
  readonly #directory: string | undefined;
  readonly #planned: PlannedObjects;
  readonly #progress: DeploymentProgress;

  constructor(context: DeploymentContext, bundle: Bundle, options: DeployOptions) {
    this.#context = context;
    this.#bundle = bundle;
    this.#options = options;
    this.#directory = deliveryDirectory(context.config, options);
    this.#planned = plannedObjects(bundle, {
      config: context.config,
      directory: this.#directory === undefined ? undefined : bundleFolder(this.#directory, bundle),
    });
    this.#progress = new DeploymentProgress(options, context.clock, context.config.request_timeout, {
      product: bundle.product,
    });
  }

  /** @throws PluginExecutionError, InputError */
  async deploy(): Promise<DeployResult> {
    checkPlan(this.#planned, this.#bundle);
    const files = await this.#planFiles();
    const pool = await this.#planWorkPool();
    const before = await this.#read();
    const first = [...pool, ...deploymentChanges(this.#planned, before)];
    const planned = [
      ...files,
      ...first.map(toDeployChange),
      ...automationChanges(this.#planned, before).map(toDeployChange),
    ];
    if (this.#options.dryRun) return this.#result(planned, false, [], before);

    if (files.length > 0) await this.#applyFiles(files, planned);
    for (const change of first) await this.#apply(change, planned);
    const between = first.length === 0 ? before : await this.#read();
    for (const change of automationChanges(this.#planned, between)) await this.#apply(change, planned);
    const after = this.#progress.applied.length === files.length ? before : await this.#read();
    return this.#result(this.#progress.applied, true, this.#driftOf(after), after);
  }

  async #planFiles(): Promise<DeployChange[]> {
    if (this.#directory === undefined) return [];
    const delivered = await deliveredHash(this.#directory, this.#bundle.product);
    if (delivered === this.#bundle.hash) return [];
    const action = delivered === undefined ? 'create' : 'update';
    return [{ action, object: `bundle ${this.#bundle.product} in ${this.#directory}` }];
  }

  async #planWorkPool(): Promise<Change[]> {
    const { client, config } = this.#context;
    const pool = this.#progress.require(await readWorkPool(client, config.work_pool, this.#progress.call()));
    if (pool === undefined) {
      const { work_pool: name, work_pool_type: type } = config;
      const template = this.#progress.require(await templateOf(client, type, this.#progress.call()));
      checkWorkPool({ name, type, base_job_template: template }, config, this.#planned);
      return [workPoolCreation(config, template)];
    }
    checkWorkPool(pool, config, this.#planned);
    return [];
  }

  async #read(): Promise<DeployedState> {
    return this.#progress.require(await readDeployedState(this.#context.client, this.#planned, this.#progress.call()));
  }

  async #applyFiles(changes: readonly DeployChange[], planned: readonly DeployChange[]): Promise<void> {
    if (this.#directory === undefined) return;
    try {
      await publishBundle(this.#bundle, this.#directory, this.#progress.rest(), this.#context.clock);
    } catch (error) {
      if (this.#progress.applied.length === 0) throw error;
      throw this.#progress.failed(
        FloeError.isInstance(error) ? { ...partial, message: error.message } : partial,
        planned,
      );
    }
    this.#progress.note(...changes);
  }

  async #apply(change: Change, planned: readonly DeployChange[]): Promise<void> {
    const answer = await change.apply(this.#context.client, this.#progress.call());
    if (!answer.ok) throw this.#progress.failed(answer.failure, planned);
    this.#progress.note(toDeployChange(change));
  }

  /** What a further deployment would still change. */
  #driftOf(state: DeployedState): string[] {
    const left = [...deploymentChanges(this.#planned, state), ...automationChanges(this.#planned, state)];
    return left.map(({ action, object, fields }) => {
      if (action === 'create') return `${object} is planned, but Prefect does not show it`;
      if (action === 'delete') return `${object} is shown by Prefect, but not planned`;
      return `${object} is not as planned at Prefect${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`;
    });
  }

  #result(
    changes: readonly DeployChange[],
    applied: boolean,
    drift: readonly string[],
    state: DeployedState,
  ): DeployResult {
    const id = state.deployments.get('product')?.id;
    const url = id === undefined ? null : deploymentUrl(this.#context.client.url, id);
    return { changes, applied, bundleHash: this.#bundle.hash, drift, url };
  }
}

const partial: BackendFault = {
  code: 'DEPLOYMENT_PARTIAL',
  message: 'The deployment stopped in the middle: a file could not be written',
  resolution: 'Remove the cause and deploy again: what is done already is left alone.',
  retryable: false,
};

function toDeployChange({ action, object }: Change): DeployChange {
  return { action, object };
}

/** The folder of a bundle itself, not the link to it: then deployment and files change in one step. */
function bundleFolder(directory: string, { product, hash }: Bundle): string {
  return join(resolve(directory), '.bundles', product, shortHash(hash));
}

/** The folder into which a deployment writes; undefined when the bundle comes on another way. */
export function deliveryDirectory(config: PrefectConfig, options: DeployOptions): string | undefined {
  return directoryOf(config.delivery, options, { to: 'the workers of Prefect', example: '/opt/prefect/products' });
}
