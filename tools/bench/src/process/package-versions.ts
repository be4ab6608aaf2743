import type { CallOptions } from '@floe/core/time/call-options';
import { z } from 'zod';
import { runChecked } from './run-checked.js';

const script = `import importlib.metadata, json, platform, sys
print(json.dumps({"Python": platform.python_version(), **{name: importlib.metadata.version(name) for name in sys.argv[1:]}}))`;

/** Versions of a Python and of packages in its environment, by name. */
export async function packageVersions(
  python: string,
  packages: readonly string[],
  directory: string,
  call: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  const output = await runChecked(python, ['-c', script, ...packages], directory, call);
  return z.record(z.string(), z.string()).parse(JSON.parse(output));
}
