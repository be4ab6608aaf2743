import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '@floe/core/bundle/bundle';
import type { JobResult } from '@floe/core/execution/job-result';
import type { OrchestratorPlugin, OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import type { CallOptions } from '@floe/core/time/call-options';
import type { Assignment } from '../contender.js';
import type { SharedPlatform } from '../platform/shared-platform.js';
import { metered, UsageMeter, type MachineUnits, type Usage } from '../process/usage-meter.js';
import { writeProject } from '../project/write-project.js';
import { bundleOf, compileGenerated, openPlugin } from './compile-product.js';

/** A product at a real orchestrator, deployed and run through its plugin, as `floe run` does. */
export interface DeployedProduct {
  readonly plugin: OrchestratorPlugin;
  readonly bundle: Bundle;
}

/** A run of it that succeeded. */
export interface ProductRun {
  readonly usage: Usage;
  readonly result: JobResult;
  /** Milliseconds since the epoch at which it was asked for, and at which its end was known. */
  readonly launched: number;
  readonly seen: number;
}

export interface DeployProductInput extends Assignment {
  readonly module: OrchestratorPluginModule;
  /** Runs already. */
  readonly platform: SharedPlatform;
  /** Python with dbt, for the parse. */
  readonly python: string;
  /** Settings besides those of the platform. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Writes the project, compiles it and deploys it. */
export async function deployProduct(input: DeployProductInput, call: CallOptions): Promise<DeployedProduct> {
  const { module, platform, python, project, directory, config = {} } = input;
  const projectDirectory = join(directory, 'project');
  await mkdir(projectDirectory, { recursive: true });
  await writeProject(project, projectDirectory);
  const compiled = await compileGenerated(projectDirectory, python, call);
  const state = await platform.running();
  const plugin = openPlugin(module, { ...state.config, ...config });
  const bundle = await bundleOf(compiled, plugin, join(directory, 'bundle'), call);
  await plugin.deploy(bundle, { ...call, dryRun: false, directory: state.directory });
  return { plugin, bundle };
}

/** Runs all of a product once. Throws when it does not succeed. */
export async function runProduct(
  { plugin, bundle }: DeployedProduct,
  platform: SharedPlatform,
  units: MachineUnits,
  call: CallOptions,
): Promise<ProductRun> {
  const meter = new UsageMeter(await platform.rootProcess(), 'tree', units);
  const launched = Date.now();
  const request = { artifacts: bundle.artifacts, bundleHash: bundle.hash, timeout: call.timeoutMs / 1_000 };
  const { usage, value: result } = await metered(meter, () => plugin.executeJob(request, call.signal).result);
  const seen = Date.now();
  if (result.status === 'succeeded') return { usage, result, launched, seen };
  throw new TypeError(`The run of floe ended as ${result.status}: ${result.error?.message ?? ''}`);
}
