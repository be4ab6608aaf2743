import type { OrchestratorPluginModule } from '@floe/core/plugin-interfaces';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Adapters change what is locked, not the wheels of this project. */
const anyAdapter = 'duckdb';

/** Puts the wheels of floe's runtime beside a bundle, for the Dockerfile in it; they are no part of its hash. */
export async function copyWheels(
  module: OrchestratorPluginModule,
  bundleDirectory: string,
): Promise<readonly string[]> {
  const wheels = module.pythonEnvironment?.(anyAdapter).wheels ?? [];
  if (wheels.length === 0) return [];
  const folder = join(bundleDirectory, 'wheels');
  await mkdir(folder, { recursive: true });
  for (const wheel of wheels) await copyFile(wheel, join(folder, basename(wheel)));
  return (await readdir(folder)).sort();
}
