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
import { airflowConfigSchema, type AirflowConfig } from './airflow-config.js';
import { checkConnection } from './airflow-connection.js';
import { buildDefinitions } from './airflow-definitions.js';
import { AirflowDeployment, deliveryDirectory, type DeploymentContext } from './airflow-deployment.js';
import { withDeploymentLock } from './airflow-deployment-lock.js';
import { buildHelmValues } from './airflow-helm-values.js';
import { readLoaderFiles } from './airflow-loader.js';
import { airflowCapabilities, airflowMetadata } from './airflow-metadata.js';
import { removeProduct } from './airflow-removal.js';
import { sizeComponents } from './airflow-resources.js';
import { idsToRetry } from './airflow-retry.js';
import { AirflowRunBackend } from './airflow-run-backend.js';
import { cancelRun } from './airflow-run-cancel.js';
import { readWholeRunLog } from './airflow-whole-run-log.js';
import { summarizeRun } from './airflow-run-summary.js';
import { readRun, readRuns } from './airflow-runs.js';
import { dagIdOf } from './airflow-names.js';
import { openConnection, type AirflowConnection } from './airflow-session.js';
import { deferExecution } from './airflow-deferred-execution.js';

/** What a run needs: the product, its names, and a way to Airflow. */
interface OpenProduct {
  readonly pipeline: Pipeline;
  readonly connection: AirflowConnection;
  readonly backend: AirflowRunBackend;
}

/** Milliseconds for what comes before a run: secrets, and looking for another run. */
const openTimeoutMs = 60_000;

/** Runs floe products on Airflow (see docs/plugins/airflow.md). */
export class AirflowPlugin extends OrchestratorPlugin {
  readonly metadata = airflowMetadata;
  readonly capabilities = airflowCapabilities;
  readonly #context: PluginContext;
  readonly #config: AirflowConfig;
  readonly #loaderFiles = readLoaderFiles();

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
      new AirflowDeployment(context, bundle, options).deploy(),
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
      const { client } = connection;
      const ids = await idsToRetry(
        { client, backend, pipeline, dagId: dagIdOf(pipeline.product.name), run: retryOf },
        call,
      );
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
    const { backend, connection, pipeline } = await this.#open(requirePipeline(run.artifacts), options);
    const reference = require(await backend.locate(run.key, options));
    require(await cancelRun(backend, reference, this.#context.clock, options));
    const name = { dagId: dagIdOf(pipeline.product.name), runId: reference.runId };
    const found = require(await readRun(connection.client, name, options));
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
    const runs = require(await readRuns(connection.client, dagId, { limit: options.limit }, options));
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

function require<Value>(outcome: Outcome<Value, BackendFault>): Value {
  if (outcome.ok) return outcome.value;
  const { code, message, resolution } = outcome.failure;
  if (code === 'RUN_NOT_FOUND') throw new InputError({ code, message, resolution });
  throw new PluginExecutionError({ code, message, resolution });
}
