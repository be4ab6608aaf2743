import { join } from 'node:path';
import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { ensurePythonEnvironment, type PythonEnvironment } from '@floe/core/python/python-environment';
import type { CallOptions } from '@floe/core/time/call-options';
import { systemClock } from '@floe/core/time/clock';
import { benchPython } from '../bench-python.js';
import type { BenchSurroundings } from '../orchestrators.js';

/** The Python environments of a comparison. */
export interface BenchEnvironments {
  /** The plugin's own, with the orchestrator and dbt. */
  readonly floe: PythonEnvironment;
  /** That of the library that floe is compared with, with the same versions of both. */
  readonly other: PythonEnvironment;
}

/** Makes the environments, or finds them made. @param other name of a lock in the bench's Python folder */
export async function ensureBenchEnvironments(
  module: OrchestratorPluginModule,
  other: string,
  { home, log }: Pick<BenchSurroundings, 'home' | 'log'>,
  call: CallOptions,
): Promise<BenchEnvironments> {
  const spec = module.pythonEnvironment?.('duckdb');
  if (spec === undefined) throw new TypeError('The plugin has no Python environment for DuckDB.');
  const context = { home, log, clock: systemClock };
  const own = { name: `bench-${other}`, lockFile: join(benchPython, `${other}.txt`), wheels: [] };
  const floe = await ensurePythonEnvironment(spec, context, call);
  return { floe, other: await ensurePythonEnvironment(own, context, call) };
}
