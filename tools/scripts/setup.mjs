// Installs everything a fresh clone needs below the repository: packages, Node 24, the build, Python environments.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaries, main, root, run, say, totalTime } from './steps.mjs';

const pnpmVersion = '12.21.0';

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new Error(`Node ${process.versions.node} is too old: install Node 20 or newer, then run the command again.`);
}

async function installPackages() {
  const pnpm = join(binaries, 'pnpm');
  const [command, first] = existsSync(pnpm) ? [pnpm, []] : ['npx', ['--yes', `pnpm@${pnpmVersion}`]];
  await run(
    'install packages',
    command,
    [...first, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'],
    {
      quiet: true,
    },
  );
  if (!existsSync(join(binaries, 'node'))) {
    throw new Error(
      'This machine has no Node 24 in the lock file: Linux on x64 or arm64 is needed (or WSL, or a container).',
    );
  }
}

async function build() {
  await run('build', join(binaries, 'nx'), ['run-many', '-t', 'build', '--output-style=static'], { quiet: true });
}

/**
 * Makes the checkout ready.
 * @param options.tools also the Python tools of the checks
 * @param options.orchestrators plugins whose Python environment is wanted; all when none is named
 * @param options.environments further environments than those for DuckDB, for example dagster-postgres
 */
export async function setUp({ tools, orchestrators = [], environments = [] }) {
  checkNode();
  await installPackages();
  await build();
  const script = join(root, 'tools', 'scripts', 'python-environments.mjs');
  const args = [
    ...(tools ? ['--tools'] : []),
    ...orchestrators.flatMap((name) => ['--orchestrator', name]),
    ...environments.flatMap((name) => ['--environment', name]),
  ];
  await run('Python environments', join(binaries, 'node'), [script, ...args]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setUp({ tools: true });
    say(`Ready after ${totalTime()}.`);
    return 0;
  });
}
