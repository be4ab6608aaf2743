// Makes the locked Python environments below .floe/; runs on the repository's own Node after the build.
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensurePythonEnvironment } from '@floe/core/python/python-environment';
import { systemClock } from '@floe/core/time/clock';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const home = join(root, '.floe');
const timeoutMs = 600_000;

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => controller.abort());
const log = (line) => process.stdout.write(`  ${line}\n`);

async function ensure(spec) {
  const start = performance.now();
  const result = await ensurePythonEnvironment(
    spec,
    { home, log, clock: systemClock },
    { signal: controller.signal, timeoutMs },
  );
  log(`✓ Python environment ${spec.name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}

/** A path that stays the same when the lock file changes, for the configuration of tools. */
function link(name, binDirectory) {
  const path = join(home, 'tools', name);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(relative(dirname(path), dirname(binDirectory)), path);
}

const { values: options } = parseArgs({
  options: {
    tools: { type: 'boolean', default: false },
    // Plugins whose environment for DuckDB is wanted; all when none is named.
    orchestrator: { type: 'string', multiple: true, default: [] },
    // Further environments, for example dagster-postgres.
    environment: { type: 'string', multiple: true, default: [] },
  },
});

async function ensureAll() {
  if (options.tools) {
    const lockFile = join(root, 'tools', 'python', 'requirements.txt');
    link('python', (await ensure({ name: 'tools', lockFile, wheels: [] })).binDirectory);
  }
  const plugins = readdirSync(join(root, 'packages')).filter((name) => name.startsWith('plugin-'));
  for (const folder of plugins.sort()) {
    const name = folder.slice('plugin-'.length);
    const isWanted = options.orchestrator.length === 0 || options.orchestrator.includes(name);
    const wanted = [
      ...(isWanted ? [name] : []),
      ...options.environment.filter((other) => other.startsWith(`${name}-`)),
    ];
    if (wanted.length === 0) continue;
    const { orchestratorPlugin } = await import(`@floe/${folder}`);
    for (const environment of wanted) {
      const spec = orchestratorPlugin.pythonEnvironment?.(environment.slice(name.length + 1) || 'duckdb');
      if (spec !== undefined) link(environment, (await ensure(spec)).binDirectory);
    }
  }
}

try {
  await ensureAll();
} catch (error) {
  const next = error.resolution === undefined ? '' : `\n  next: ${error.resolution}`;
  process.stderr.write(`${error.message}${next}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 1;
}
