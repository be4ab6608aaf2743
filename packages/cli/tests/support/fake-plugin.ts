import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { Bundle } from '@floe/core/bundle/bundle';
import type { ValidationResult } from '@floe/core/connection/validation-result';
import type { LogLine } from '@floe/core/execution/job-result';
import type { JobExecution } from '@floe/core/execution/run-events';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import {
  OrchestratorPlugin,
  type ComponentResources,
  type Definitions,
  type DeployOptions,
  type DeployResult,
  type JobRequest,
  type LocalPlatformState,
  type OrchestratorPluginModule,
  type PluginContext,
  type RunSelector,
  type RunSummary,
} from '@floe/core/plugin-interfaces';
import { z } from 'zod';
import { sampleExecution, sampleResult } from './fake-execution.js';

/** What the fake orchestrator does; each has a harmless default. */
export interface FakeBehaviour {
  readonly execute?: (request: JobRequest, signal: AbortSignal, context: PluginContext) => JobExecution;
  readonly deploy?: (bundle: Bundle, options: DeployOptions) => DeployResult;
  readonly validate?: () => ValidationResult;
  readonly runs?: readonly RunSummary[];
  readonly logs?: readonly LogLine[];
  /** State of the local platform; undefined when it does not run. */
  readonly local?: LocalPlatformState | undefined;
}

/** A plugin module in memory that writes down what it was asked. */
export interface FakePlugin {
  readonly module: OrchestratorPluginModule;
  readonly calls: string[];
  readonly requests: JobRequest[];
  readonly contexts: PluginContext[];
}

export const sampleLocalState: LocalPlatformState = {
  orchestrator: 'fake',
  url: 'http://127.0.0.1:3000',
  processGroup: 4242,
  directory: '/tmp/delivery',
  dataDirectory: '/tmp/data',
  config: { url: 'http://127.0.0.1:3000' },
  startedAt: '2026-11-25T10:00:00Z',
};

const metadata = {
  name: 'fake',
  version: '0.1.0',
  floeApiVersion: '1.0',
  description: 'A plugin of the tests.',
  orchestratorVersions: '>=1 <2',
};

const capabilities = {
  runLevelChecks: true,
  sensors: [],
  subset: true,
  retryFailed: true,
  cancel: true,
  localPlatform: true,
};

const unchanged: DeployResult = { changes: [], applied: true, bundleHash: 'sha256:abc', drift: [], url: null };

export function createFakePlugin(behaviour: FakeBehaviour = {}): FakePlugin {
  const calls: string[] = [];
  const requests: JobRequest[] = [];
  const contexts: PluginContext[] = [];
  let local = behaviour.local;

  class InMemoryPlugin extends OrchestratorPlugin {
    readonly metadata = metadata;
    readonly capabilities = capabilities;
    readonly context: PluginContext;

    constructor(context: PluginContext) {
      super();
      this.context = context;
      contexts.push(context);
    }

    createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions {
      const { assets, checks } = requirePipeline(artifacts);
      const entry = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, nativeName: name });
      const none = { jobs: [], schedules: [], sensors: [], edges: [], files: [], warnings: [] };
      return { assets: assets.map(entry), checks: checks.map(entry), ...none };
    }

    getHelmValues(): Readonly<Record<string, unknown>> {
      return {};
    }

    getResourceRequirements(): Readonly<Record<string, ComponentResources>> {
      return {};
    }

    validateConnection(): Promise<ValidationResult> {
      const details = { endpoint: 'http://127.0.0.1:3000', durationMs: 1, steps: [], warnings: [] };
      return Promise.resolve(behaviour.validate?.() ?? { success: true, message: 'Everything is fine.', details });
    }

    deploy(bundle: Bundle, options: DeployOptions): Promise<DeployResult> {
      calls.push(options.dryRun ? 'deploy --dry-run' : 'deploy');
      return Promise.resolve(behaviour.deploy?.(bundle, options) ?? unchanged);
    }

    remove(product: string): Promise<DeployResult> {
      calls.push(`remove ${product}`);
      return Promise.resolve({ ...unchanged, bundleHash: '', changes: [{ action: 'delete', object: product }] });
    }

    executeJob(request: JobRequest, signal: AbortSignal): JobExecution {
      calls.push('executeJob');
      requests.push(request);
      return behaviour.execute?.(request, signal, this.context) ?? sampleExecution([], sampleResult('succeeded'));
    }

    attach(run: RunSelector): JobExecution {
      calls.push(`attach ${run.key}`);
      return sampleExecution([], sampleResult('succeeded'));
    }

    retryFailed(run: RunSelector, request: JobRequest): JobExecution {
      calls.push(`retryFailed ${run.key}`);
      requests.push(request);
      return sampleExecution([], sampleResult('succeeded'));
    }

    cancel(run: RunSelector): Promise<RunSummary> {
      calls.push(`cancel ${run.key}`);
      const times = { startedAt: null, finishedAt: null };
      return Promise.resolve({ key: run.key, runId: 'run-1', url: null, status: 'cancelling', ...times });
    }

    listRuns(_artifacts: CompiledArtifacts, options: { readonly limit: number }): Promise<readonly RunSummary[]> {
      return Promise.resolve((behaviour.runs ?? []).slice(0, options.limit));
    }

    readLogs(run: RunSelector): Promise<readonly LogLine[]> {
      calls.push(`readLogs ${run.key}`);
      return Promise.resolve(behaviour.logs ?? []);
    }
  }

  return {
    calls,
    requests,
    contexts,
    module: {
      metadata,
      capabilities,
      configSchema: z.strictObject({
        url: z.string().optional(),
        delivery: z.strictObject({ kind: z.string(), path: z.string().optional() }).optional(),
      }),
      create: (context) => new InMemoryPlugin(context),
      pythonEnvironment: (adapter) => ({ name: `fake-${adapter}`, lockFile: '/nowhere/requirements.txt', wheels: [] }),
      localPlatform: {
        start: ({ log }) => {
          calls.push('platform start');
          log('the webserver answers');
          local = sampleLocalState;
          return Promise.resolve(sampleLocalState);
        },
        stop: () => {
          calls.push('platform stop');
          local = undefined;
          return Promise.resolve();
        },
        status: () => Promise.resolve(local),
      },
    },
  };
}
