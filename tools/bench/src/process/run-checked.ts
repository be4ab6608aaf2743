import { runCommand } from '@floe/core/process/child-process';
import type { CallOptions } from '@floe/core/time/call-options';

/**
 * Runs a command with the environment of this process and what is added to it; throws with the end of its output when it does not exit with 0.
 * @returns standard output
 */
export async function runChecked(
  command: string,
  args: readonly string[],
  cwd: string,
  call: CallOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const outcome = await runCommand(
    { command, args, cwd, env: { ...process.env, ...env } },
    { ...call, maxOutputBytes: 1_000_000 },
  );
  if (outcome.kind === 'exited' && outcome.exitCode === 0) return outcome.stdout;
  if (outcome.kind === 'not_started') throw new TypeError(outcome.message);
  const how = outcome.kind === 'exited' ? `ended with ${outcome.exitCode}` : `was ${outcome.kind}`;
  const words = `${outcome.stdout}\n${outcome.stderr}`.trim().split('\n').slice(-20).join('\n');
  throw new TypeError(`${[command, ...args].join(' ')} ${how}:\n${words}`);
}
