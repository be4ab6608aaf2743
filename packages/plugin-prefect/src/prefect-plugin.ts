import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Bundle } from '@floe/core/bundle/bundle';
import { unopenedConnection } from '@floe/core/connection/unopened-connection';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { withDeploymentLock } from '@floe/core/deployment/deployment-lock';
import type { LogLine } from '@floe/core/execution/job-result';
import { attachToRun, executeRun, requireAnswer, retryRun, type OpenRuns } from '@floe/core/execution/product-runs';
import { requestCancel } from '@floe/core/execution/request-cancel';
import type { JobExecution } from '@floe/core/execution/run-events';
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
import { buildHelmValues } from './prefect-helm-values.js';
import { loaderFiles } from './prefect-loader.js';
import { prefectCapabilities, prefectMetadata } from './prefect-metadata.js';
import { runNames } from './prefect-launch.js';
import { ownershipTags } from './prefect-names.js';
import { removeProduct } from './prefect-removal.js';
import { sizeComponents } from './prefect-resources.js';
import { idsToRetry } from './prefect-retry.js';
import { PrefectRunBackend } from './prefect-run-backend.js';
import { readWholeRunLog } from './prefect-run-log.js';
import { summarizeRun } from './prefect-run-summary.js';
import { readRun, readRuns } from './prefect-runs.js';
import { openConnection, type PrefectConnection } from './prefect-session.js';

/** What a run needs: the product, its names, and a way to Prefect. */
interface OpenProduct {
  readonly pipeline: Pipeline;
  readonly connection: PrefectConnection;
  readonly backend: PrefectRunBackend;
}

/** Milliseconds by which the clocks of server and client may differ. */
const plannedAheadMs = 30_000;

/** Runs floe products on Prefect (see docs/plugins/prefect.md). */
export class PrefectPlugin extends OrchestratorPlugin {
  readonly metadata = prefectMetadata;
  readonly capabilities = prefectCapabilities;
  readonly #context: PluginContext;
  readonly #config: PrefectConfig;
  readonly #loaderFiles = loaderFiles();

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
    return unopenedConnection(this.#config.url, opened.failure);
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
    return executeRun(request, this.#runs, this.#context, signal);
  }

  attach(run: RunSelector, signal: AbortSignal): JobExecution {
    return attachToRun(run, this.#runs, this.#context, signal);
  }

  retryFailed(run: RunSelector, request: JobRequest, signal: AbortSignal): JobExecution {
    return retryRun(run, request, this.#runs, this.#context, signal);
  }

  async cancel(run: RunSelector, options: CallOptions): Promise<RunSummary> {
    const { backend, connection } = await this.#open(requirePipeline(run.artifacts), options);
    const reference = requireAnswer(await backend.locate(run.key, options));
    requireAnswer(await requestCancel(backend, reference, this.#context.clock, options));
    return summarizeRun(
      requireAnswer(await readRun(connection.client, reference.runId, options)),
      connection.client.url,
    );
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
    const runs = requireAnswer(await readRuns(connection.client, filter, options.limit, options));
    return runs.map((run) => summarizeRun(run, connection.client.url));
  }

  async readLogs(run: RunSelector, options: CallOptions): Promise<readonly LogLine[]> {
    const { backend } = await this.#open(requirePipeline(run.artifacts), options);
    const reference = requireAnswer(await backend.locate(run.key, options));
    const lines = requireAnswer(await readWholeRunLog(backend, reference, options));
    return lines.map((line) => ({ ...line, text: this.#context.redactor.redactText(line.text) }));
  }

  readonly #runs: OpenRuns = async (pipeline, call) => {
    const { backend, connection } = await this.#open(pipeline, call);
    return {
      backend,
      limits: { callTimeout: this.#config.request_timeout },
      locate: (key, limit) => backend.locate(key, limit),
      idsToRetry: (run, limit) => idsToRetry({ client: connection.client, backend, pipeline, run }, limit),
    };
  };

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
