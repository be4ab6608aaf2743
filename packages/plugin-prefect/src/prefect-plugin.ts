import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Bundle } from '@floe/core/bundle/bundle';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { InputError, PluginExecutionError } from '@floe/core/errors/floe-error';
import { createRunRequest } from '@floe/core/execution/create-run-request';
import { driveRun } from '@floe/core/execution/drive-run';
import type { LogLine } from '@floe/core/execution/job-result';
import type { BackendFault } from '@floe/core/execution/run-backend';
import type { JobExecution } from '@floe/core/execution/run-events';
import type { Outcome } from '@floe/core/outcome/outcome';
import type { Pipeline } from '@floe/core/pipeline/pipeline';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import {
  OrchestratorPlugin,
  type ComponentResources,
  type Definitions,
  type DeployOptions,
  type DeployResult,
  type JobRequest,
  type PluginContext,
  type RunSelector,
  type RunSummary,
} from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { prefectConfigSchema, type PrefectConfig } from './prefect-config.js';
import { checkConnection } from './prefect-connection.js';
import { buildDefinitions } from './prefect-definitions.js';
import { PrefectDeployment, deliveryDirectory, type DeploymentContext } from './prefect-deployment.js';
import { withDeploymentLock } from './prefect-deployment-lock.js';
import { buildHelmValues } from './prefect-helm-values.js';
import { readLoaderFiles } from './prefect-loader.js';
import { prefectCapabilities, prefectMetadata } from './prefect-metadata.js';
import { runNames } from './prefect-launch.js';
import { ownershipTags } from './prefect-names.js';
import { removeProduct } from './prefect-removal.js';
import { sizeComponents } from './prefect-resources.js';
import { idsToRetry } from './prefect-retry.js';
import { PrefectRunBackend } from './prefect-run-backend.js';
import { cancelRun } from './prefect-run-cancel.js';
import { readWholeRunLog } from './prefect-run-log.js';
import { summarizeRun } from './prefect-run-summary.js';
import { readRun, readRuns } from './prefect-runs.js';
import { openConnection, type PrefectConnection } from './prefect-session.js';
import { deferExecution } from './prefect-deferred-execution.js';

/** What a run needs: the product, its names, and a way to Prefect. */
interface OpenProduct {
  readonly pipeline: Pipeline;
  readonly connection: PrefectConnection;
  readonly backend: PrefectRunBackend;
}

/** Milliseconds for what comes before a run: secrets, and looking for another run. */
const openTimeoutMs = 60_000;
/** Milliseconds by which the clocks of server and client may differ. */
const plannedAheadMs = 30_000;

/** Runs floe products on Prefect (see docs/plugins/prefect.md). */
export class PrefectPlugin extends OrchestratorPlugin {
  readonly metadata = prefectMetadata;
  readonly capabilities = prefectCapabilities;
  readonly #context: PluginContext;
  readonly #config: PrefectConfig;
  readonly #loaderFiles = readLoaderFiles();

  constructor(context: PluginContext) {
    super();
    this.#context = context;
    this.#config = prefectConfigSchema.parse(context.config);
  }

  createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
    return buildDefinitions(requirePipeline(artifacts), this.#loaderFiles);
  }

  getHelmValues(artifacts: CompiledArtifacts): Readonly<Record<string, unknown>> {
    const pipeline = requirePipeline(artifacts);
    const resources = sizeComponents(pipeline, artifacts.orchestration?.resources ?? {});
    return buildHelmValues(this.#config, resources);
  }

  getResourceRequirements(artifacts: CompiledArtifacts): Readonly<Record<string, ComponentResources>> {
    return sizeComponents(requirePipeline(artifacts), artifacts.orchestration?.resources ?? {});
  }

  async validateConnection(options: CallOptions): Promise<ValidationResult> {
    const { clock, redactor } = this.#context;
    const opened = await openConnection(this.#config, this.#context, options);
    if (opened.ok) return checkConnection({ connection: opened.value, config: this.#config, clock, redactor }, options);
    const { code, message, resolution } = opened.failure;
    const step = { name: 'credentials', outcome: 'failed', message, resolution, code, durationMs: 0 } as const;
    return {
      success: false,
      message: `${message} ${resolution}`,
      details: { endpoint: this.#config.url ?? '', durationMs: 0, steps: [step], warnings: [] },
    };
  }

  async deploy(bundle: Bundle, options: DeployOptions): Promise<DeployResult> {
    const context = await this.#deploymentContext(options);
    return this.#locked(bundle.product, context, options, () =>
      new PrefectDeployment(context, bundle, options).deploy(),
    );
  }

  async remove(product: string, options: DeployOptions): Promise<DeployResult> {
    const context = await this.#deploymentContext(options);
    return this.#locked(product, context, options, () => removeProduct(context, product, options));
  }

  executeJob(request: JobRequest, signal: AbortSignal): JobExecution {
    const pipeline = requirePipeline(request.artifacts);
    const run = createRunRequest(request, pipeline, { random: this.#context.random });
    return deferExecution(run.key, async () => {
      const { backend } = await this.#open(pipeline, { signal, timeoutMs: openTimeoutMs });
      const input = {
        request: run,
        expectedHash: request.bundleHash,
        pipeline,
        freshKey: request.key === undefined,
      };
      return driveRun(backend, input, this.#context, signal);
    });
  }

  attach(run: RunSelector, signal: AbortSignal): JobExecution {
    const pipeline = requirePipeline(run.artifacts);
    return deferExecution(run.key, async () => {
      const call = { signal, timeoutMs: openTimeoutMs };
      const { backend } = await this.#open(pipeline, call);
      const attachTo = require(await backend.locate(run.key, call));
      const request = createRunRequest({ bundleHash: null, key: run.key }, pipeline, this.#context);
      return driveRun(backend, { request, expectedHash: null, pipeline, attachTo }, this.#context, signal);
    });
  }

  retryFailed(run: RunSelector, request: JobRequest, signal: AbortSignal): JobExecution {
    const pipeline = requirePipeline(request.artifacts);
    const created = createRunRequest(request, pipeline, { random: this.#context.random });
    return deferExecution(created.key, async () => {
      const call = { signal, timeoutMs: openTimeoutMs };
      const { backend, connection } = await this.#open(pipeline, call);
      const retryOf = require(await backend.locate(run.key, call));
      const ids = await idsToRetry({ client: connection.client, backend, pipeline, run: retryOf }, call);
      const input = {
        request: { ...created, ids, retry_of: run.key },
        expectedHash: request.bundleHash,
        pipeline,
        retryOf,
        freshKey: request.key === undefined,
      };
      return driveRun(backend, input, this.#context, signal);
    });
  }

  async cancel(run: RunSelector, options: CallOptions): Promise<RunSummary> {
    const { backend, connection } = await this.#open(requirePipeline(run.artifacts), options);
    const reference = require(await backend.locate(run.key, options));
    require(await cancelRun(backend, reference, this.#context.clock, options));
    return summarizeRun(require(await readRun(connection.client, reference.runId, options)), connection.client.url);
  }

  async listRuns(
    artifacts: CompiledArtifacts,
    options: CallOptions & { readonly limit: number },
  ): Promise<readonly RunSummary[]> {
    const { connection, pipeline } = await this.#open(requirePipeline(artifacts), options);
    const { name: product, platform } = pipeline.product;
    const filter = {
      flowName: runNames(pipeline).flow,
      tags: ownershipTags({ product, platform }),
      // Runs that schedules have planned ahead are no runs yet.
      expectedBefore: new Date(this.#context.clock.now() + plannedAheadMs).toISOString(),
    };
    const runs = require(await readRuns(connection.client, filter, options.limit, options));
    return runs.map((run) => summarizeRun(run, connection.client.url));
  }

  async readLogs(run: RunSelector, options: CallOptions): Promise<readonly LogLine[]> {
    const { backend } = await this.#open(requirePipeline(run.artifacts), options);
    const reference = require(await backend.locate(run.key, options));
    const lines = require(await readWholeRunLog(backend, reference, options));
    return lines.map((line) => ({ ...line, text: this.#context.redactor.redactText(line.text) }));
  }

  async #open(pipeline: Pipeline, call: CallOptions): Promise<OpenProduct> {
    const connection = await this.#connect(call);
    const backend = new PrefectRunBackend({
      client: connection.client,
      names: runNames(pipeline),
      workPool: this.#config.work_pool,
      heartbeatTolerance: this.#config.worker_heartbeat_tolerance,
      clock: this.#context.clock,
    });
    return { pipeline, connection, backend };
  }

  async #connect(call: CallOptions): Promise<PrefectConnection> {
    const opened = await openConnection(this.#config, this.#context, call);
    if (opened.ok) return opened.value;
    throw opened.failure;
  }

  async #deploymentContext(options: DeployOptions): Promise<DeploymentContext> {
    const { client } = await this.#connect(options);
    return { client, config: this.#config, clock: this.#context.clock, log: this.#context.log };
  }

  #locked<Value>(
    product: string,
    context: DeploymentContext,
    options: DeployOptions,
    work: () => Promise<Value>,
  ): Promise<Value> {
    const directory = deliveryDirectory(this.#config, options);
    return withDeploymentLock({ product, directory, url: context.client.url, clock: context.clock }, options, work);
  }
}

function require<Value>(outcome: Outcome<Value, BackendFault>): Value {
  if (outcome.ok) return outcome.value;
  const { code, message, resolution } = outcome.failure;
  if (code === 'RUN_NOT_FOUND') throw new InputError({ code, message, resolution });
  throw new PluginExecutionError({ code, message, resolution });
}
