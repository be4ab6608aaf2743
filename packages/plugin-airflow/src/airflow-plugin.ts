import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Bundle } from '@floe/core/bundle/bundle';
import { unopenedConnection } from '@floe/core/connection/unopened-connection';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { InputError } from '@floe/core/errors/floe-error';
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
import { airflowConfigSchema, type AirflowConfig } from './airflow-config.js';
import { checkConnection } from './airflow-connection.js';
import { buildDefinitions } from './airflow-definitions.js';
import { AirflowDeployment, deliveryDirectory, type DeploymentContext } from './airflow-deployment.js';
import { buildHelmValues } from './airflow-helm-values.js';
import { loaderFiles } from './airflow-loader.js';
import { airflowCapabilities, airflowMetadata } from './airflow-metadata.js';
import { removeProduct } from './airflow-removal.js';
import { sizeComponents } from './airflow-resources.js';
import { idsToRetry } from './airflow-retry.js';
import { AirflowRunBackend } from './airflow-run-backend.js';
import { readWholeRunLog } from './airflow-whole-run-log.js';
import { summarizeRun } from './airflow-run-summary.js';
import { readRun, readRuns } from './airflow-runs.js';
import { dagIdOf } from './airflow-names.js';
import { openConnection, type AirflowConnection } from './airflow-session.js';

/** What a run needs: the product, its names, and a way to Airflow. */
interface OpenProduct {
  readonly pipeline: Pipeline;
  readonly connection: AirflowConnection;
  readonly backend: AirflowRunBackend;
}

/** Runs floe products on Airflow (see docs/plugins/airflow.md). */
export class AirflowPlugin extends OrchestratorPlugin {
  readonly metadata = airflowMetadata;
  readonly capabilities = airflowCapabilities;
  readonly #context: PluginContext;
  readonly #config: AirflowConfig;
  readonly #loaderFiles = loaderFiles();

  constructor(context: PluginContext) {
    super();
    this.#context = context;
    this.#config = airflowConfigSchema.parse(context.config);
  }

  createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
    const { granularity, status_url: statusUrl } = this.#config;
    return buildDefinitions(requirePipeline(artifacts), this.#loaderFiles, { granularity, statusUrl });
  }

  getHelmValues(artifacts: CompiledArtifacts): Readonly<Record<string, unknown>> {
    const pipeline = requirePipeline(artifacts);
    const resources = sizeComponents(pipeline, artifacts.orchestration?.resources ?? {});
    return buildHelmValues(pipeline, this.#config, resources);
  }

  getResourceRequirements(artifacts: CompiledArtifacts): Readonly<Record<string, ComponentResources>> {
    return sizeComponents(requirePipeline(artifacts), artifacts.orchestration?.resources ?? {});
  }

  async validateConnection(options: CallOptions): Promise<ValidationResult> {
    const { clock, redactor } = this.#context;
    const opened = await openConnection(this.#config, this.#context, options);
    if (opened.ok) return checkConnection({ connection: opened.value, clock, redactor }, options);
    return unopenedConnection(this.#config.url, opened.failure);
  }

  async deploy(bundle: Bundle, options: DeployOptions): Promise<DeployResult> {
    const context = await this.#deploymentContext(options);
    return this.#locked(bundle.product, context, options, () =>
      new AirflowDeployment(context, bundle, options).deploy(),
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
    const { backend, connection, pipeline } = await this.#open(requirePipeline(run.artifacts), options);
    const reference = requireAnswer(await backend.locate(run.key, options));
    requireAnswer(await requestCancel(backend, reference, this.#context.clock, options));
    const name = { dagId: dagIdOf(pipeline.product.name), runId: reference.runId };
    const found = requireAnswer(await readRun(connection.client, name, options));
    if (found !== undefined) return summarizeRun(found, connection.client.url);
    throw new InputError({
      code: 'RUN_NOT_FOUND',
      message: `Airflow does not know the run ${reference.runId} any more.`,
      resolution: 'It was deleted in the meantime; nothing is left to do.',
    });
  }

  async listRuns(
    artifacts: CompiledArtifacts,
    options: CallOptions & { readonly limit: number },
  ): Promise<readonly RunSummary[]> {
    const { connection, pipeline } = await this.#open(requirePipeline(artifacts), options);
    const dagId = dagIdOf(pipeline.product.name);
    const runs = requireAnswer(await readRuns(connection.client, dagId, { limit: options.limit }, options));
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
      idsToRetry: (run, limit) =>
        idsToRetry({ client: connection.client, backend, pipeline, dagId: dagIdOf(pipeline.product.name), run }, limit),
    };
  };

  async #open(pipeline: Pipeline, call: CallOptions): Promise<OpenProduct> {
    const connection = await this.#connect(call);
    const backend = new AirflowRunBackend({
      client: connection.client,
      dagId: dagIdOf(pipeline.product.name),
      clock: this.#context.clock,
    });
    return { pipeline, connection, backend };
  }

  async #connect(call: CallOptions): Promise<AirflowConnection> {
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
