import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import { networkSteps } from '@floe/core/connection/network-steps';
import { probeConnection } from '@floe/core/connection/probe-connection';
import { failed, passed } from '@floe/core/connection/probe-step';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { createRunRequest } from '@floe/core/execution/create-run-request';
import { driveRun } from '@floe/core/execution/drive-run';
import type { LogLine } from '@floe/core/execution/job-result';
import type { BackendFault } from '@floe/core/execution/run-backend';
import type { JobExecution } from '@floe/core/execution/run-events';
import { describeServer } from '@floe/core/http/backend-fault';
import type { HttpClient } from '@floe/core/http/http-client';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import {
  OrchestratorPlugin,
  type ComponentResources,
  type Definitions,
  type DeployResult,
  type JobRequest,
  type OrchestratorPluginModule,
  type PluginContext,
  type RunSelector,
  type RunSummary,
} from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import { resolveConnectionCredentials } from '@floe/core/secrets/connection-credentials';
import { z } from 'zod';
import {
  createReferenceBackend,
  createReferenceClient,
  listSchema,
  statusOf,
  type ReferenceClient,
} from './reference-backend.js';

const configSchema = z.strictObject({ url: z.url() });
const metadata = {
  name: 'reference',
  version: '1.0.0',
  floeApiVersion: '1.0',
  description: 'A plugin for an orchestrator of the tests.',
  orchestratorVersions: '>=2',
};
const capabilities = {
  runLevelChecks: true,
  sensors: ['product_succeeded', 'asset_updated', 'file_changed', 'http_ready'],
  subset: true,
  retryFailed: true,
  cancel: true,
  localPlatform: false,
} as const;

/** A plugin that does what the suite asks for, built from the blocks of the core. */
export class ReferencePlugin extends OrchestratorPlugin {
  readonly metadata = metadata;
  readonly capabilities: OrchestratorPlugin['capabilities'] = capabilities;
  protected readonly context: PluginContext;
  readonly #client: ReferenceClient;

  constructor(context: PluginContext) {
    super();
    this.context = context;
    const { url } = configSchema.parse(context.config);
    this.#client = createReferenceClient(url.replace(/\/$/, ''), (call) => this.#connect(call));
  }

  createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
    const pipeline = requirePipeline(artifacts);
    const entry = (id: string): { id: string; nativeName: string } => ({ id, nativeName: `ref:${id}` });
    const assets = pipeline.assets.map(({ id }) => entry(id));
    const named = (items: readonly { readonly name: string }[]) => items.map(({ name }) => entry(name));
    return {
      assets,
      checks: pipeline.checks.map(({ id }) => entry(id)),
      jobs: named(pipeline.jobs),
      schedules: named(pipeline.schedules),
      sensors: named(pipeline.sensors),
      edges: pipeline.assets.flatMap(({ id, upstream }) =>
        upstream.map((other) => [`ref:${other}`, `ref:${id}`] as const),
      ),
      files: [{ path: 'reference.json', content: JSON.stringify(assets) }],
      warnings: [],
    };
  }

  getHelmValues(artifacts: CompiledArtifacts): Readonly<Record<string, unknown>> {
    return { workers: requirePipeline(artifacts).execution.threads };
  }

  getResourceRequirements(artifacts: CompiledArtifacts): Readonly<Record<string, ComponentResources>> {
    const { requests = {}, limits = {} } = artifacts.orchestration?.resources.server ?? {};
    return {
      server: {
        requests: { cpu: requests.cpu ?? '250m', memory: requests.memory ?? '512Mi' },
        limits: { cpu: limits.cpu ?? '1', memory: limits.memory ?? '1Gi' },
      },
    };
  }

  async validateConnection(options: CallOptions): Promise<ValidationResult> {
    const { clock, redactor } = this.context;
    const { url } = this.#client;
    const steps = networkSteps({
      url,
      server: describeServer('Reference', url),
      http: { send: async (request, call) => (await this.#connect(call)).send(request, call) },
      clock,
    });
    const version = {
      name: 'version',
      run: async (call: CallOptions) => {
        const answer = await this.#client.ask('/api/version', z.looseObject({ version: z.string() }), call);
        return answer.ok ? passed(`is version ${answer.value.version}`, answer.value.version) : failed(answer.failure);
      },
    };
    return probeConnection([...steps, version], { endpoint: url, clock, redactor }, options);
  }

  deploy(): Promise<DeployResult> {
    return Promise.reject(
      new PluginExecutionError({ code: 'INTERNAL', message: 'not needed here', resolution: 'None.' }),
    );
  }

  remove(): Promise<DeployResult> {
    return this.deploy();
  }

  executeJob(request: JobRequest, signal: AbortSignal): JobExecution {
    const pipeline = requirePipeline(request.artifacts);
    return driveRun(
      this.#backend(request.artifacts),
      { request: createRunRequest(request, pipeline, this.context), expectedHash: request.bundleHash, pipeline },
      this.context,
      signal,
    );
  }

  attach({ artifacts, key }: RunSelector, signal: AbortSignal): JobExecution {
    const pipeline = requirePipeline(artifacts);
    const request = createRunRequest({ key, bundleHash: null }, pipeline, this.context);
    return driveRun(
      this.#backend(artifacts),
      { request, expectedHash: null, pipeline, attachTo: 'key' },
      this.context,
      signal,
    );
  }

  retryFailed(run: RunSelector, request: JobRequest, signal: AbortSignal): JobExecution {
    const pipeline = requirePipeline(run.artifacts);
    const context = this.context;
    const start = async (): Promise<JobExecution> => {
      const retryOf = { runId: (await this.#findRun(run, { signal, timeoutMs: 30_000 })).runId, url: null };
      return driveRun(
        this.#backend(run.artifacts),
        { request: createRunRequest(request, pipeline, context), expectedHash: request.bundleHash, pipeline, retryOf },
        context,
        signal,
      );
    };
    const started = start();
    const result = started.then((execution) => execution.result);
    result.catch(() => undefined);
    return {
      key: request.key ?? '',
      result,
      async *[Symbol.asyncIterator]() {
        yield* await started;
      },
    };
  }

  async cancel(run: RunSelector, options: CallOptions): Promise<RunSummary> {
    const found = await this.#findRun(run, options);
    const answer = await this.#backend(run.artifacts).cancel({ runId: found.runId, url: null }, false, options);
    if (!answer.ok) throw toError(answer.failure);
    return found;
  }

  async listRuns(
    artifacts: CompiledArtifacts,
    options: CallOptions & { readonly limit: number },
  ): Promise<readonly RunSummary[]> {
    return (await this.#list(`product=${productOf(artifacts)}`, options)).toReversed().slice(0, options.limit);
  }

  async readLogs(run: RunSelector, options: CallOptions): Promise<readonly LogLine[]> {
    const { runId } = await this.#findRun(run, options);
    const page = await this.#backend(run.artifacts).logs({ runId, url: null }, null, options);
    if (!page.ok) throw toError(page.failure);
    return page.value.lines;
  }

  #backend(artifacts: CompiledArtifacts): ReturnType<typeof createReferenceBackend> {
    return createReferenceBackend(this.#client, productOf(artifacts));
  }

  async #findRun({ key }: RunSelector, call: CallOptions): Promise<RunSummary> {
    const [run] = await this.#list(`key=${encodeURIComponent(key)}`, call);
    if (run !== undefined) return run;
    throw new PluginExecutionError({
      code: 'RUN_NOT_FOUND',
      message: `There is no run ${key}`,
      resolution: 'List the runs.',
    });
  }

  async #list(query: string, call: CallOptions): Promise<RunSummary[]> {
    const list = await this.#client.ask(`/api/runs?${query}`, listSchema, call);
    if (!list.ok) throw toError(list.failure);
    return list.value.runs.map(({ id, key, ending, started_at: startedAt, finished_at: finishedAt }) => ({
      key,
      runId: id,
      url: null,
      status: ending === null ? 'running' : statusOf(ending),
      startedAt,
      finishedAt,
    }));
  }

  async #connect(call: CallOptions): Promise<HttpClient> {
    const { connectionSecretRef, http } = this.context;
    const credentials = await resolveConnectionCredentials(connectionSecretRef, this.context, call);
    if (!credentials.ok) throw credentials.failure;
    const token = credentials.value.kind === 'token' ? credentials.value.token : '';
    return http({ headers: { authorization: `Bearer ${token}` } });
  }
}

function productOf(artifacts: CompiledArtifacts): string {
  return artifacts.metadata.product_name;
}

function toError({ code, message, resolution }: BackendFault): PluginExecutionError {
  return new PluginExecutionError({ code, message, resolution });
}

/** The module as a package would export it; `Plugin` may be a broken subclass. */
export function referenceModule(Plugin: typeof ReferencePlugin = ReferencePlugin): OrchestratorPluginModule {
  return { metadata, capabilities, configSchema, create: (context) => new Plugin(context) };
}
