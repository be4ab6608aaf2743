import { PluginExecutionError } from '@floe/core/errors/floe-error';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { prepareHome } from '../project/home-directory.js';
import { openLocalPlatform } from '../project/open-local-platform.js';
import { ownLockFile } from '../project/python-environments.js';
import { timeLimits } from '../project/time-limits.js';

export interface PlatformLockOptions {
  readonly orchestrator?: string | undefined;
  readonly adapter?: string | undefined;
}

/** Beside a plugin's locks: what its orchestrator needs, without any adapter. */
const requirementsName = 'requirements.in';

/** `floe platform lock`: exact versions and hashes for another dbt adapter; `floe platform start` then uses them. */
export async function platformLockCommand(
  context: CommandContext,
  options: PlatformLockOptions,
): Promise<CommandResult> {
  const { name, module, home, options: platform } = await openLocalPlatform(context, options);
  const { adapter } = platform;
  const shipped = module.pythonEnvironment?.('duckdb').lockFile;
  const requirements = shipped === undefined ? undefined : join(dirname(shipped), requirementsName);
  if (requirements === undefined || !existsSync(requirements)) throw withoutRequirements(name);
  await prepareHome(home);
  const lockFile = ownLockFile(home, name, adapter);
  const { output, environment, services, signal } = context;
  await services.lockPythonEnvironment(
    { name: `${name}-${adapter}`, requirementFiles: [requirements], requirements: [`dbt-${adapter}`], lockFile },
    {
      home,
      clock: environment.clock,
      env: environment.variables,
      log: (line) => {
        output.progress(output.progressStyles.dim(line));
      },
    },
    { signal, timeoutMs: timeLimits.pythonEnvironment },
  );
  return {
    exitCode: 0,
    text: `locked ${name} with dbt-${adapter}\n${lockFile}`,
    result: { orchestrator: name, adapter, lockFile },
  };
}

function withoutRequirements(name: string): PluginExecutionError {
  return new PluginExecutionError({
    code: 'PLUGIN_INCOMPATIBLE',
    message: `The plugin ${name} does not ship ${requirementsName}, from which a lock could be made.`,
    resolution: 'Ask the author of the plugin, or name an interpreter that has dbt in execution.dbt.python.',
  });
}
