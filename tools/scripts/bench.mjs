// `npm run bench`: what a run, a load and a compile cost, next to bare dbt and to the orchestrator's own dbt integration.
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { binaries, main, root, run } from './steps.mjs';

await main(async () => {
  await setUp({ tools: false });
  const script = join(root, 'tools', 'bench', 'dist', 'main.js');
  // Nothing is sent anywhere while it measures.
  const env = { DO_NOT_TRACK: '1', DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };
  await run('bench', join(binaries, 'node'), [script, ...process.argv.slice(2)], { env });
  return 0;
});
