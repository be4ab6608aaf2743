import { PluginExecutionError } from '@floe/core/errors/floe-error';
import type { LocalPlatformState } from '@floe/core/plugin-interfaces';
import type { CommandContext } from '../command-context.js';
import type { CommandResult } from '../output/output.js';
import { prepareHome } from '../project/home-directory.js';
import { openLocalPlatform, type OpenLocalPlatform } from '../project/open-local-platform.js';
import { ensureEnvironment } from '../project/python-environments.js';
import { timeLimits } from '../project/time-limits.js';

export interface PlatformOptions {
  readonly orchestrator?: string | undefined;
  readonly adapter?: string | undefined;
}

/** `floe platform start`: installs what is missing and starts a real orchestrator on this machine. */
export async function platformStartCommand(context: CommandContext, options: PlatformOptions): Promise<CommandResult> {
  const opened = await openLocalPlatform(context, options);
  const { name, home, module, platform } = opened;
  await prepareHome(home);
  const { binDirectory } = await ensureEnvironment(context, { home, module, adapter: opened.options.adapter });
  context.signal.throwIfAborted();
  const before = await platform.status(opened.options, {
    signal: context.signal,
    timeoutMs: timeLimits.platformStatus,
  });
  const state = await platform.start(
    { ...opened.options, binDirectory },
    { signal: context.signal, timeoutMs: timeLimits.platformStart },
  );
  const isSame = before?.startedAt === state.startedAt;
  return started(state, isSame ? `${name} runs already` : `${name} runs`);
}

/** `floe platform stop`: ends the processes; data, runs and environments stay. */
export async function platformStopCommand(context: CommandContext, options: PlatformOptions): Promise<CommandResult> {
  const opened = await openLocalPlatform(context, options);
  const state = await opened.platform.status(opened.options, {
    signal: context.signal,
    timeoutMs: timeLimits.platformStatus,
  });
  await opened.platform.stop(opened.options, { signal: context.signal, timeoutMs: timeLimits.platformStop });
  const text = state === undefined ? `${opened.name} was not running` : `${opened.name} at ${state.url} is stopped`;
  return { exitCode: 0, text, result: { orchestrator: opened.name, wasRunning: state !== undefined } };
}

/** `floe platform status`: where it runs; exit status 2 when it does not. */
export async function platformStatusCommand(context: CommandContext, options: PlatformOptions): Promise<CommandResult> {
  const opened = await openLocalPlatform(context, options);
  const state = await opened.platform.status(opened.options, {
    signal: context.signal,
    timeoutMs: timeLimits.platformStatus,
  });
  if (state === undefined) throw notRunning(opened);
  return started(state, `${opened.name} runs`);
}

function started(state: LocalPlatformState, sentence: string): CommandResult {
  return {
    exitCode: 0,
    text: `${sentence} at ${state.url}\nstop it with: floe platform stop --orchestrator ${state.orchestrator}`,
    result: state,
  };
}

function notRunning({ name }: OpenLocalPlatform): PluginExecutionError {
  return new PluginExecutionError({
    code: 'LOCAL_PLATFORM_NOT_RUNNING',
    message: `No local ${name} runs.`,
    resolution: `Start it with \`floe platform start --orchestrator ${name}\`.`,
  });
}
