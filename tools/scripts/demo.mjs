// `npm run demo`: a dbt product on a real local orchestrator, from nothing to the rows of its mart.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';
import { binaries, checkInterrupted, main, root, run, say, totalTime, uninterrupted } from './steps.mjs';

const home = join(root, '.floe');
const project = join(home, 'demo', 'hello-orders');
const floe = join(binaries, 'floe');

const { values: options } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, orchestrator: { type: 'string', default: 'dagster' } },
});
const platformOptions = ['--orchestrator', options.orchestrator, '--home', home];

/** A copy of the example, so that the checkout stays clean. */
function copyExample() {
  rmSync(project, { recursive: true, force: true });
  cpSync(join(root, 'examples', 'hello-orders'), project, { recursive: true });
  const manifest = join(project, 'manifest.yaml');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace(/(orchestrator:\s+type: )\S+/, `$1${options.orchestrator}`));
}

/** State of the local platform, or undefined when none runs. */
async function platformState() {
  const args = ['platform', 'status', ...platformOptions, '--output', 'json'];
  const { stdout } = await run('platform status', floe, args, { capture: true, allowFailure: true });
  const { result, error } = JSON.parse(stdout);
  if (error === undefined) return result;
  if (error.code === 'LOCAL_PLATFORM_NOT_RUNNING') return undefined;
  throw new Error(`${error.message}\n  next: ${error.resolution}`);
}

async function showMart(dataDirectory) {
  const python = join(home, 'tools', options.orchestrator, 'bin', 'python');
  const query = 'select * from mart_daily_orders order by order_date';
  const code = 'import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql(sys.argv[2]))';
  await run('rows of the mart', python, ['-c', code, join(dataDirectory, 'hello_orders.duckdb'), query]);
}

async function stopPlatform() {
  await uninterrupted(() =>
    run(`stop ${options.orchestrator}`, floe, ['platform', 'stop', ...platformOptions], { quiet: true }),
  );
}

await main(async () => {
  await setUp({ tools: false, orchestrators: [options.orchestrator] });
  copyExample();
  const before = await platformState();
  let keep = before !== undefined;
  try {
    if (before === undefined) {
      say(`\n── start a local ${options.orchestrator}`);
      await run(`start ${options.orchestrator}`, floe, ['platform', 'start', ...platformOptions]);
    }
    const state = before ?? (await platformState());
    say('\n── compile, deploy and run hello-orders');
    await run('floe run', floe, ['run', '--project', project, '--local', '--home', home]);
    say('\n── lineage');
    await run('floe graph', floe, ['graph', '--project', project, '--home', home]);
    say('\n── rows of mart_daily_orders');
    await showMart(state.dataDirectory);
    checkInterrupted();
    keep ||= options.keep;
    if (keep)
      say(
        `\n${options.orchestrator} is up at ${state.url}; stop it with: npx floe platform stop --orchestrator ${options.orchestrator}`,
      );
  } finally {
    if (!keep) await stopPlatform();
  }
  say(`Done in ${totalTime()}.`);
  return 0;
});
