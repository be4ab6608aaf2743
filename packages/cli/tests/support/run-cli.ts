import { trace } from '@opentelemetry/api';
import type { CompiledArtifacts } from '@floe/core/artifacts/compiled-artifacts';
import type { CompiledProject } from '@floe/core/compile/compile-project';
import { systemClock } from '@floe/core/time/clock';
import { systemRandom } from '@floe/core/time/random';
import { readPlatformManifest } from '@floe/core/manifest/platform-manifest';
import { readProductSpec } from '@floe/core/manifest/product-spec';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePipeline } from '@floe/core/pipeline/to-pipeline';
import type { CliEnvironment } from '../../src/environment.js';
import type { Services } from '../../src/project/services.js';
import { runFloe } from '../../src/run-floe.js';
import { createFakePlugin, type FakePlugin } from './fake-plugin.js';
import { sampleArtifacts } from './sample-artifacts.js';

export interface CliScenario {
  readonly plugin?: FakePlugin;
  readonly artifacts?: CompiledArtifacts;
  /** plugins.orchestrator.config of the manifest as YAML in flow style. */
  readonly config?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly services?: Partial<Services>;
  readonly terminal?: { readonly columns: number };
  /** Called when something is written to standard error, for example to send a signal. */
  readonly onProgress?: (text: string, signals: EventEmitter) => void;
}

export interface CliOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Exit codes of forced ends. */
  readonly forced: readonly number[];
  readonly plugin: FakePlugin;
  /** Listeners that were left on the signals. */
  readonly listeners: number;
}

const spec = `apiVersion: floe.dev/v1
kind: FloeSpec
metadata: {name: shop, version: 1.0.0}
platform: {manifest: manifest.yaml}
`;

function manifestText(config: string, environment: string): string {
  return `apiVersion: floe.dev/v1
kind: Manifest
metadata: {name: local, version: 1.0.0, owner: "team:platform"}
environment: ${environment}
plugins:
  orchestrator: {type: fake, config: ${config}}
  compute: {type: duckdb, config: {path: shop.duckdb}}
`;
}

/** Runs one command line in a temporary product folder against a plugin in memory; dbt and Python stay out. */
export async function runCli(argv: readonly string[], scenario: CliScenario = {}): Promise<CliOutcome> {
  const directory = await mkdtemp(join(tmpdir(), 'floe-cli-'));
  try {
    return await runIn(directory, argv, scenario);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function runIn(directory: string, argv: readonly string[], scenario: CliScenario): Promise<CliOutcome> {
  const artifacts = scenario.artifacts ?? sampleArtifacts({ stg_orders: [], daily: ['stg_orders'] }, ['daily']);
  const environmentName = artifacts.observability.telemetry.resource_attributes.deployment_environment;
  const manifest = manifestText(scenario.config ?? '{}', environmentName);
  await writeFile(join(directory, 'floe.yaml'), spec);
  await writeFile(join(directory, 'manifest.yaml'), manifest);
  const plugin = scenario.plugin ?? createFakePlugin();
  const signals = new EventEmitter();
  const forced: number[] = [];
  let stdout = '';
  let stderr = '';
  const look = scenario.terminal === undefined ? {} : { isTTY: true, columns: scenario.terminal.columns };
  const environment: CliEnvironment = {
    directory,
    variables: { ...scenario.variables },
    stdout: { ...look, write: (text) => (stdout += text) },
    stderr: {
      ...look,
      write: (text) => {
        stderr += text;
        scenario.onProgress?.(text, signals);
      },
    },
    signals,
    clock: systemClock,
    random: systemRandom,
    loadServices: () =>
      Promise.resolve({ ...fakeServices(sampleProject(directory, artifacts, manifest), plugin), ...scenario.services }),
    endProcess: (code) => forced.push(code),
  };
  const exitCode = await runFloe(argv, environment);
  const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].reduce((sum, name) => sum + signals.listenerCount(name), 0);
  return { exitCode, stdout, stderr, forced, plugin, listeners };
}

function fakeServices(project: CompiledProject, plugin: FakePlugin): Services {
  return {
    compileProject: () => Promise.resolve(project),
    runDbtParse: () => Promise.resolve({ ok: true, value: undefined }),
    assembleBundle: (input) =>
      Promise.resolve({
        directory: input.directory,
        product: 'shop',
        orchestrator: input.orchestrator,
        hash: 'sha256:abc',
        artifacts: project.artifacts,
        definitions: input.definitions,
      }),
    loadOrchestratorPlugin: () => Promise.resolve(plugin.module),
    findPythonEnvironment: () => Promise.resolve(undefined),
    ensurePythonEnvironment: () => Promise.resolve({ python: '/env/bin/python', binDirectory: '/env/bin' }),
    lockPythonEnvironment: () => Promise.resolve(),
    startTelemetry: () => Promise.resolve({ tracer: trace.getTracer('off'), shutdown: () => Promise.resolve() }),
    createHttpClient: () =>
      Promise.resolve(() => ({ send: () => Promise.reject(new Error('no test sends a request')) })),
  };
}

function sampleProject(directory: string, artifacts: CompiledArtifacts, manifest: string): CompiledProject {
  const specFile = join(directory, 'floe.yaml');
  const manifestFile = join(directory, 'manifest.yaml');
  const product = readProductSpec(spec, specFile).document;
  const platform = readPlatformManifest(manifest, manifestFile).document;
  if (product === undefined || platform === undefined) throw new TypeError('the sample files are not valid');
  return {
    artifacts,
    pipeline: requirePipeline(artifacts),
    problems: [],
    projectDirectory: directory,
    dbtProjectDirectory: directory,
    specFile,
    manifestFile,
    dbtManifestFile: join(directory, 'target', 'manifest.json'),
    spec: product,
    manifest: platform,
    profiles: {},
  };
}
