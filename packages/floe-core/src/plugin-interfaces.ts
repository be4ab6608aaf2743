import type { z } from 'zod';
import type { CompiledArtifacts } from './artifacts/compiled-artifacts.js';
import type { Bundle } from './bundle/bundle.js';
import type { ValidationResult } from './connection/validation-result.js';
import type { JobExecution } from './execution/run-events.js';
import type { JobResult, LogLine } from './execution/job-result.js';
import type { HttpClientFactory } from './http/http-client.js';
import type { Problem } from './errors/problem.js';
import type { Redactor } from './redaction/redactor.js';
import type { SecretResolver } from './secrets/secret-resolver.js';
import type { CallOptions } from './time/call-options.js';
import type { Clock } from './time/clock.js';
import type { Random } from './time/random.js';

/** Version of this interface; a plugin with another major version is refused (REQ-021). */
export const floeApiVersion = '1.0';

export interface PluginMetadata {
  /** The word in manifest.yaml under plugins.orchestrator.type. */
  readonly name: string;
  readonly version: string;
  readonly floeApiVersion: string;
  readonly description: string;
  /** Versions of the orchestrator that are supported, as a semver range. */
  readonly orchestratorVersions: string;
}

/** What a plugin can do, as data: the compliance suite runs a test or its negative twin by it. */
export interface PluginCapabilities {
  /** Checks that belong to no asset can be shown natively. */
  readonly runLevelChecks: boolean;
  readonly sensors: readonly ('product_succeeded' | 'asset_updated' | 'file_changed' | 'http_ready')[];
  /** A subset of assets and of checks can be run. */
  readonly subset: boolean;
  readonly retryFailed: boolean;
  readonly cancel: boolean;
  readonly localPlatform: boolean;
}

/** Where a plugin gets everything that is not its own rule. */
export interface PluginContext {
  /** plugins.orchestrator.config of manifest.yaml, checked by the plugin's configSchema. */
  readonly config: unknown;
  /** plugins.orchestrator.connection_secret_ref of manifest.yaml. */
  readonly connectionSecretRef: string | null;
  readonly secrets: SecretResolver;
  readonly http: HttpClientFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
  /** For messages that belong to no result; never holds a secret. */
  readonly log: (line: string) => void;
}

/** One native object that the definitions declare; read back after a deployment and compared. */
export interface DefinitionEntry {
  /** dbt unique_id, or the name of the job, schedule or sensor in the pipeline. */
  readonly id: string;
  /** Its name at the orchestrator. */
  readonly nativeName: string;
}

/** A text file of the bundle; `path` is relative with forward slashes. */
export interface DefinitionFile {
  readonly path: string;
  readonly content: string;
}

/** Native definitions of one product: text only (REQ-022). */
export interface Definitions {
  readonly assets: readonly DefinitionEntry[];
  readonly checks: readonly DefinitionEntry[];
  readonly jobs: readonly DefinitionEntry[];
  readonly schedules: readonly DefinitionEntry[];
  readonly sensors: readonly DefinitionEntry[];
  /** [upstream, downstream] native names of assets and of external sources. */
  readonly edges: readonly (readonly [string, string])[];
  readonly files: readonly DefinitionFile[];
  readonly warnings: readonly Problem[];
}

export interface ResourceQuantities {
  readonly cpu: string;
  readonly memory: string;
}

/** Kubernetes requests and limits of one component (REQ-025). */
export interface ComponentResources {
  readonly requests: ResourceQuantities;
  readonly limits: ResourceQuantities;
}

export interface DeployOptions extends CallOptions {
  /** Only say what would change. */
  readonly dryRun: boolean;
  /** Where delivery by directory writes; overrides the manifest (the local platform's folder). */
  readonly directory?: string;
  /** A Python with this orchestrator, when one is at hand: what is deployed can be tried there before it is written. */
  readonly python?: string;
}

export interface DeployChange {
  readonly action: 'create' | 'update' | 'delete' | 'reload' | 'start' | 'stop';
  readonly object: string;
}

export interface DeployResult {
  /** Empty when everything was as planned already. */
  readonly changes: readonly DeployChange[];
  readonly applied: boolean;
  readonly bundleHash: string;
  /** Differences between the plan and what the orchestrator reports afterwards; not empty is an error outside dryRun. */
  readonly drift: readonly string[];
  readonly url: string | null;
}

export interface JobRequest {
  readonly artifacts: CompiledArtifacts;
  readonly bundleHash: string | null;
  readonly key?: string;
  readonly select?: string;
  readonly exclude?: string;
  readonly checks?: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly threads?: number;
  readonly retries?: number;
  readonly fullRefresh?: boolean;
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly traceparent?: string;
}

/** Names a run by the key that the client chose or by the orchestrator's run id. */
export interface RunSelector {
  readonly artifacts: CompiledArtifacts;
  readonly key: string;
}

export interface RunSummary {
  readonly key: string | null;
  readonly runId: string;
  readonly url: string | null;
  readonly status: 'queued' | 'starting' | 'running' | 'cancelling' | JobResult['status'];
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/**
 * An orchestrator plugin (REQ-021). Every method fails with a FloeError only; asynchronous ones keep to their
 * CallOptions. Methods are usually one call of a building block of this package with the plugin's own adapter.
 */
export abstract class OrchestratorPlugin {
  /** Who the plugin is; constant. */
  abstract readonly metadata: PluginMetadata;
  /** What it can do; constant. */
  abstract readonly capabilities: PluginCapabilities;

  /**
   * Turns artifacts into native definitions (REQ-022). Pure: no disk, no network, no clock; equal input gives equal bytes.
   * @param artifacts compiled artifacts of one product
   * @returns every model, check, job, schedule, sensor and edge, and the files that declare them
   * @throws InputError naming the file of each node whose name or shape the orchestrator would refuse
   */
  abstract createAssetsFromArtifacts(artifacts: CompiledArtifacts): Definitions;

  /**
   * Values for the orchestrator's official Helm chart (REQ-023).
   * @param artifacts compiled artifacts, for sizes and names
   * @returns an overlay for the chart; only keys that the chart reads
   */
  abstract getHelmValues(artifacts: CompiledArtifacts): Readonly<Record<string, unknown>>;

  /**
   * Checks endpoint, version, credentials, health and permissions within 10 seconds in total (REQ-024).
   * @param options signal and time limit; more than 10 seconds is cut to 10
   * @returns success, message and details by step; it does not throw for what the server does
   */
  abstract validateConnection(options: CallOptions): Promise<ValidationResult>;

  /**
   * Kubernetes requests and limits by component (REQ-025).
   * @param artifacts compiled artifacts; size and concurrency decide, `resources` overrides
   * @returns one entry for each component that the orchestrator runs
   */
  abstract getResourceRequirements(artifacts: CompiledArtifacts): Readonly<Record<string, ComponentResources>>;

  /** Brings a bundle to the orchestrator and reads it back; idempotent. @throws PluginExecutionError, InputError */
  abstract deploy(bundle: Bundle, options: DeployOptions): Promise<DeployResult>;

  /** Takes a product away; its history stays. @throws PluginExecutionError */
  abstract remove(product: string, options: DeployOptions): Promise<DeployResult>;

  /** Runs a product or a part of it (REQ-026); the limits of the run itself come from the request and the artifacts. */
  abstract executeJob(request: JobRequest, signal: AbortSignal): JobExecution;

  /** Follows a run that was started earlier. */
  abstract attach(run: RunSelector, signal: AbortSignal): JobExecution;

  /** Runs again what did not succeed in an ended run; everything else stays. */
  abstract retryFailed(run: RunSelector, request: JobRequest, signal: AbortSignal): JobExecution;

  /** Asks a run to stop; returns when the orchestrator has taken the request. */
  abstract cancel(run: RunSelector, options: CallOptions): Promise<RunSummary>;

  /** The newest runs of a product, newest first. */
  abstract listRuns(
    artifacts: CompiledArtifacts,
    options: CallOptions & { readonly limit: number },
  ): Promise<readonly RunSummary[]>;

  /** The log of a run from its beginning. */
  abstract readLogs(run: RunSelector, options: CallOptions): Promise<readonly LogLine[]>;
}

/** A Python environment as files: equal files give the same environment. */
export interface PythonEnvironmentSpec {
  readonly name: string;
  /** Requirements with hashes. */
  readonly lockFile: string;
  /** Wheels of this project, installed without dependencies after the lock. */
  readonly wheels: readonly string[];
  /** Minor release of the oldest Python 3 that the lock takes; default 10. */
  readonly oldestPython?: number;
}

/** A local, real orchestrator for development and tests. */
export interface LocalPlatform {
  /** Installs what is missing, starts, waits until it is ready. Progress goes to `log`. */
  start(options: LocalPlatformOptions, call: CallOptions): Promise<LocalPlatformState>;
  stop(options: LocalPlatformOptions, call: CallOptions): Promise<void>;
  status(options: LocalPlatformOptions, call: CallOptions): Promise<LocalPlatformState | undefined>;
}

export interface LocalPlatformOptions {
  /** Folder that holds everything of the platform: environment, instance, delivery, data, state.json. */
  readonly home: string;
  /** Folder `bin` of the environment made from `pythonEnvironment(adapter)`. */
  readonly binDirectory: string;
  readonly adapter: string;
  readonly log: (line: string) => void;
}

export interface LocalPlatformState {
  readonly orchestrator: string;
  readonly url: string;
  /** Leader of the process group; stopping ends the whole group. */
  readonly processGroup: number;
  /** Where `deploy` writes bundles. */
  readonly directory: string;
  /** Persistent data of the products (DuckDB files). */
  readonly dataDirectory: string;
  /** plugins.orchestrator.config that reaches it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly startedAt: string;
}

/** What a plugin package exports as `orchestratorPlugin`. */
export interface OrchestratorPluginModule {
  readonly metadata: PluginMetadata;
  readonly capabilities: PluginCapabilities;
  /** Checks plugins.orchestrator.config; strict, so that typing mistakes are found. */
  readonly configSchema: z.ZodType;
  create(context: PluginContext): OrchestratorPlugin;
  /** The locked Python environment that runs the orchestrator and dbt for an adapter, for example `duckdb`. */
  pythonEnvironment?(adapter: string): PythonEnvironmentSpec;
  readonly localPlatform?: LocalPlatform;
}
